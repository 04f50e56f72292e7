"""Pods: as restricted as the strictest Pod Security Standard, told where their secrets are and never what they are, and leaving
without losing a request."""

import re
from typing import Iterator

import pytest

from charts import ROOT, Case, Object, cases, containers, pod_templates

# What containers of other images are told.
POSTGRES_ENV = {"POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD_FILE", "POSTGRES_INITDB_ARGS", "PGDATA"}


def own_containers(case: Case) -> Iterator[tuple[Object, Object]]:
    """The containers that run this program, with their Pod templates."""
    image = case.values["image"]["repository"]
    for _, template in pod_templates(case.objects()):
        for container in containers(template):
            if re.split("[:@]", container["image"].removeprefix(image))[0] == "":
                yield template, container


def env(container: Object) -> dict[str, Object]:
    listed = container.get("env", [])
    found = {entry["name"]: entry for entry in listed}
    assert len(found) == len(listed), "a variable is set twice"
    return found


def value(container: Object, name: str) -> str:
    return str(env(container)[name]["value"])


def known_settings() -> set[str]:
    table = (ROOT / "src/app/config/settings.rs").read_text()
    names = set(re.findall(r"^        ([A-Z][A-Z0-9_]+) = ", table, re.MULTILINE))
    assert {"DATABASE_URL", "RUST_LOG"} <= names
    return names


@pytest.mark.parametrize("case", cases("conduit"), ids=str)
def test_pods_are_restricted(case: Case) -> None:
    """As Pod Security Standards: Restricted, and a read-only root beyond that."""
    for _, template in pod_templates(case.objects()):
        spec = template["spec"]
        security = spec["securityContext"]
        assert security["runAsNonRoot"] is True and security["runAsUser"] > 0
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}
        assert spec["automountServiceAccountToken"] is False and spec["enableServiceLinks"] is False
        assert not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys()
        kinds = {kind for volume in spec.get("volumes") or [] for kind in volume.keys() - {"name"}}
        assert kinds <= {"configMap", "emptyDir", "secret", "persistentVolumeClaim"}
        for container in containers(template):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }


@pytest.mark.parametrize("case", cases("conduit"), ids=str)
def test_resources_are_bounded(case: Case) -> None:
    for _, template in pod_templates(case.objects()):
        for container in containers(template):
            for bound in ("requests", "limits"):
                assert {"cpu", "memory"} <= container["resources"][bound].keys()


@pytest.mark.parametrize("case", cases("conduit"), ids=str)
def test_images_are_pinned(case: Case) -> None:
    for _, template in pod_templates(case.objects()):
        for container in containers(template):
            assert re.fullmatch(r"\S+(:[\w][\w.-]*|@sha256:[0-9a-f]{64})", container["image"])
            assert not container["image"].endswith(":latest")


@pytest.mark.parametrize("case", cases("conduit"), ids=str)
def test_the_program_knows_every_variable_that_it_is_given(case: Case) -> None:
    settings = known_settings()
    for _, container in own_containers(case):
        given = env(container)
        foreign = given.keys() - settings - {entry["name"] for entry in case.values.get("extraEnv", [])}
        text = str([entry.get("value") for entry in given.values()])
        assert not {name for name in foreign if f"$({name})" not in text}
        for name in foreign:  # Kubernetes puts a variable only into those after it
            assert list(given).index(name) < list(given).index("DATABASE_URL")
        assert not re.findall(r"[0-9]e\+[0-9]", text), "a number in scientific notation"


@pytest.mark.parametrize("case", cases("conduit"), ids=str)
def test_the_program_is_told_what_the_pod_says(case: Case) -> None:
    for template, container in own_containers(case):
        assert value(container, "CONDUIT_PROFILE") == "prod"
        assert value(container, "HOST") in {"0.0.0.0", "::"}
        if container["name"] == "migrate":
            assert container["args"] == ["migrate"]
            continue
        assert container["args"] == ["serve"]
        ports = {port["name"]: port for port in container["ports"]}
        assert {name: str(port["containerPort"]) for name, port in ports.items()} == {
            "http": value(container, "PORT"),
            "metrics": value(container, "METRICS_PORT"),
        }
        probes = {kind: container[f"{kind}Probe"]["httpGet"] for kind in ("startup", "liveness", "readiness")}
        assert probes["startup"] == probes["liveness"] == {"path": "/livez", "port": "http"}
        assert probes["readiness"] == {"path": "/readyz", "port": "http"}


@pytest.mark.parametrize("case", cases("conduit"), ids=str)
def test_secrets_are_named_and_never_told(case: Case) -> None:
    for _, container in own_containers(case):
        given = env(container)
        for name in given:
            if name in {"JWT_SECRET", "JWT_SECRET_PREVIOUS", "DATABASE_PASSWORD", "CLUSTER_URL"}:
                assert given[name]["valueFrom"].keys() == {"secretKeyRef"}
        url = given["DATABASE_URL"]
        if "value" in url:
            assert re.fullmatch(
                r"\$\(CLUSTER_URL\)\?sslmode=verify-full|postgres://conduit:\$\(DATABASE_PASSWORD\)@.+", url["value"]
            )
        else:
            assert url["valueFrom"].keys() == {"secretKeyRef"}
    assert not [found for found in case.objects() if found["kind"] == "Secret"]


@pytest.mark.parametrize("case", cases("conduit"), ids=str)
def test_a_server_has_the_time_that_its_end_takes(case: Case) -> None:
    (server,) = [(template, it) for template, it in own_containers(case) if it["name"] == "conduit"]
    template, container = server
    finish = int(value(container, "SHUTDOWN_TIMEOUT").removesuffix("s"))
    sleep = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
    assert sleep == case.values.get("shutdown", {}).get("preStopSeconds", 5)
    delay = int(value(container, "SHUTDOWN_DELAY").removesuffix("s"))
    assert delay == case.values.get("shutdown", {}).get("delaySeconds", 0)
    assert template["spec"]["terminationGracePeriodSeconds"] == sleep + delay + finish + 10


@pytest.mark.parametrize("case", cases("conduit"), ids=str)
def test_an_upgrade_takes_no_server_away_before_another_is_ready(case: Case) -> None:
    for found in case.objects("Deployment"):
        assert found["spec"]["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}


def test_servers_wait_for_their_migration() -> None:
    for case in cases("conduit"):
        mode = case.values.get("migrations", {}).get("mode", "initContainer")
        (server,) = [
            it for it in case.objects("Deployment") if it["metadata"]["labels"]["app.kubernetes.io/component"] == "backend"
        ]
        inits = [it["args"] for it in server["spec"]["template"]["spec"].get("initContainers", [])]
        assert inits == ([["migrate"]] if mode == "initContainer" else [])
        assert len(case.objects("Job")) == (mode == "job")


def test_the_owner_of_the_schema_is_known_to_migrations_alone() -> None:
    case = Case("conduit", "migration-job")
    users = {
        container["name"]: env(container)["DATABASE_URL"]["valueFrom"]["secretKeyRef"] for _, container in own_containers(case)
    }
    assert users == {"conduit": {"name": "conduit-database", "key": "uri"}, "migrate": {"name": "conduit-owner", "key": "uri"}}


def test_the_migration_hook_needs_nothing_of_its_release() -> None:
    """It runs before ServiceAccounts and Secrets of the same release exist; with Argo CD before each sync."""
    (job,) = Case("conduit", "migration-job").objects("Job")
    spec = job["spec"]["template"]["spec"]
    assert "serviceAccountName" not in spec
    annotations = job["metadata"]["annotations"]
    assert annotations["helm.sh/hook"] == "pre-install,pre-upgrade"
    assert annotations["argocd.argoproj.io/hook"] == "Sync"


def test_proxies_are_believed_where_there_are_any() -> None:
    """Or else every client has the address of a proxy, and all are slowed down together."""
    private = "10.0.0.0/8,100.64.0.0/10,172.16.0.0/12,192.168.0.0/16,fc00::/7"
    for name, wanted in [("traefik", private), ("ingress", private), ("everything-on", "10.244.0.0/16"), ("external", None)]:
        for _, container in own_containers(Case("conduit", name)):
            assert env(container).get("TRUSTED_PROXIES", {}).get("value") == wanted


def test_a_private_authority_is_believed() -> None:
    for name, volume in [
        (
            "external-private-authority",
            {"configMap": {"name": "corporate-authorities", "items": [{"key": "root.pem", "path": "ca.crt"}]}},
        ),
        ("cloudnativepg", {"secret": {"secretName": "conduit-db-ca", "items": [{"key": "ca.crt", "path": "ca.crt"}]}}),
    ]:
        for template, container in own_containers(Case("conduit", name)):
            assert value(container, "DATABASE_CA_FILE") == "/etc/conduit/database-ca/ca.crt"
            (mount,) = container["volumeMounts"]
            assert mount == {"name": "database-ca", "mountPath": "/etc/conduit/database-ca", "readOnly": True}
            assert {"name": "database-ca"} | volume in template["spec"]["volumes"]


def test_the_database_is_told_only_what_postgres_knows() -> None:
    (database,) = Case("conduit", "standalone").objects("StatefulSet")
    (container,) = database["spec"]["template"]["spec"]["containers"]
    assert env(container).keys() == POSTGRES_ENV
    assert container["args"] == ["-c", "max_connections=200"]


def test_a_new_version_of_the_program_does_not_restart_the_database() -> None:
    (database,) = Case("conduit", "standalone").objects("StatefulSet")
    text = str(database["spec"])
    assert "app.kubernetes.io/version" not in text and "helm.sh/chart" not in text
