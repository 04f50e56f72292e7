"""Pods: restricted security, references to Secrets instead of their contents, graceful shutdown."""

import re
from typing import Iterator

import pytest

from charts import ROOT, Case, Object, cases, containers, pod_templates

# Variables of the PostgreSQL image.
POSTGRES_ENV = {"POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD_FILE", "POSTGRES_INITDB_ARGS", "PGDATA"}


def own_containers(case: Case) -> Iterator[tuple[Object, Object]]:
    """Yields the containers that run this program, with their Pod templates."""
    image = case.values["image"]["repository"]
    for _, template in pod_templates(case.objects()):
        for container in containers(template):
            if re.split("[:@]", container["image"].removeprefix(image))[0] == "":
                yield template, container


def env(container: Object) -> dict[str, Object]:
    listed = container.get("env", [])
    variables = {entry["name"]: entry for entry in listed}
    assert len(variables) == len(listed), "a variable is set twice"
    return variables


def value(container: Object, name: str) -> str:
    return str(env(container)[name]["value"])


def program_settings() -> set[str]:
    table = (ROOT / "src/app/config/settings.rs").read_text()
    names = set(re.findall(r"^        ([A-Z][A-Z0-9_]+) = ", table, re.MULTILINE))
    assert {"DATABASE_URL", "RUST_LOG"} <= names
    return names


@pytest.mark.parametrize("case", cases("conduit"), ids=str)
def test_pods_meet_the_restricted_standard(case: Case) -> None:
    """Pod Security Standards: Restricted, and a read-only root file system."""
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
def test_containers_have_resource_requests_and_limits(case: Case) -> None:
    for _, template in pod_templates(case.objects()):
        for container in containers(template):
            for bound in ("requests", "limits"):
                assert {"cpu", "memory"} <= container["resources"][bound].keys()


@pytest.mark.parametrize("case", cases("conduit"), ids=str)
def test_images_have_a_version(case: Case) -> None:
    for _, template in pod_templates(case.objects()):
        for container in containers(template):
            assert re.fullmatch(r"\S+(:[\w][\w.-]*|@sha256:[0-9a-f]{64})", container["image"])
            assert not container["image"].endswith(":latest")


@pytest.mark.parametrize("case", cases("conduit"), ids=str)
def test_every_variable_is_a_setting_or_referenced_by_one(case: Case) -> None:
    settings = program_settings()
    for _, container in own_containers(case):
        variables = env(container)
        foreign = variables.keys() - settings - {entry["name"] for entry in case.values.get("extraEnv", [])}
        text = str([entry.get("value") for entry in variables.values()])
        assert not {name for name in foreign if f"$({name})" not in text}
        for name in foreign:  # Kubernetes expands only earlier variables
            assert list(variables).index(name) < list(variables).index("DATABASE_URL")
        assert not re.findall(r"[0-9]e\+[0-9]", text), "a number in scientific notation"


@pytest.mark.parametrize("case", cases("conduit"), ids=str)
def test_settings_match_the_ports_and_probes_of_the_pod(case: Case) -> None:
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
def test_secrets_are_referenced_and_never_contained(case: Case) -> None:
    for _, container in own_containers(case):
        variables = env(container)
        for name in variables:
            if name in {"JWT_SECRET", "JWT_SECRET_PREVIOUS", "DATABASE_PASSWORD", "CLUSTER_URL"}:
                assert variables[name]["valueFrom"].keys() == {"secretKeyRef"}
        url = variables["DATABASE_URL"]
        if "value" in url:
            assert re.fullmatch(
                r"\$\(CLUSTER_URL\)\?sslmode=verify-full|postgres://conduit:\$\(DATABASE_PASSWORD\)@.+", url["value"]
            )
        else:
            assert url["valueFrom"].keys() == {"secretKeyRef"}
    assert not [obj for obj in case.objects() if obj["kind"] == "Secret"]


@pytest.mark.parametrize("case", cases("conduit"), ids=str)
def test_grace_period_covers_the_whole_shutdown(case: Case) -> None:
    (server,) = [(template, item) for template, item in own_containers(case) if item["name"] == "conduit"]
    template, container = server
    timeout = int(value(container, "SHUTDOWN_TIMEOUT").removesuffix("s"))
    sleep = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
    assert sleep == case.values.get("shutdown", {}).get("preStopSeconds", 5)
    delay = int(value(container, "SHUTDOWN_DELAY").removesuffix("s"))
    assert delay == case.values.get("shutdown", {}).get("delaySeconds", 0)
    assert template["spec"]["terminationGracePeriodSeconds"] == sleep + delay + timeout + 10


@pytest.mark.parametrize("case", cases("conduit"), ids=str)
def test_upgrade_stops_no_server_before_another_is_ready(case: Case) -> None:
    for obj in case.objects("Deployment"):
        assert obj["spec"]["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}


def test_servers_wait_for_their_migration() -> None:
    for case in cases("conduit"):
        mode = case.values.get("migrations", {}).get("mode", "initContainer")
        (server,) = [
            item for item in case.objects("Deployment") if item["metadata"]["labels"]["app.kubernetes.io/component"] == "backend"
        ]
        inits = [item["args"] for item in server["spec"]["template"]["spec"].get("initContainers", [])]
        assert inits == ([["migrate"]] if mode == "initContainer" else [])
        assert len(case.objects("Job")) == (mode == "job")


def test_only_migrations_use_the_credentials_of_the_schema_owner() -> None:
    case = Case("conduit", "migration-job")
    users = {
        container["name"]: env(container)["DATABASE_URL"]["valueFrom"]["secretKeyRef"] for _, container in own_containers(case)
    }
    assert users == {"conduit": {"name": "conduit-database", "key": "uri"}, "migrate": {"name": "conduit-owner", "key": "uri"}}


def test_migration_hook_uses_no_object_of_its_release() -> None:
    """The hook runs before other objects of the release exist; with Argo CD, at each sync."""
    (job,) = Case("conduit", "migration-job").objects("Job")
    spec = job["spec"]["template"]["spec"]
    assert "serviceAccountName" not in spec
    annotations = job["metadata"]["annotations"]
    assert annotations["helm.sh/hook"] == "pre-install,pre-upgrade"
    assert annotations["argocd.argoproj.io/hook"] == "Sync"


def test_proxies_are_trusted_only_where_a_route_exists() -> None:
    """Otherwise all clients share the address of a proxy and are rate-limited together."""
    private = "10.0.0.0/8,100.64.0.0/10,172.16.0.0/12,192.168.0.0/16,fc00::/7"
    for name, expected in [("traefik", private), ("ingress", private), ("everything-on", "10.244.0.0/16"), ("external", None)]:
        for _, container in own_containers(Case("conduit", name)):
            assert env(container).get("TRUSTED_PROXIES", {}).get("value") == expected


def test_private_ca_is_mounted_and_configured() -> None:
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


def test_standalone_database_gets_only_postgres_variables() -> None:
    (database,) = Case("conduit", "standalone").objects("StatefulSet")
    (container,) = database["spec"]["template"]["spec"]["containers"]
    assert env(container).keys() == POSTGRES_ENV
    assert container["args"] == ["-c", "max_connections=200"]


def test_new_version_of_the_program_does_not_restart_the_database() -> None:
    (database,) = Case("conduit", "standalone").objects("StatefulSet")
    text = str(database["spec"])
    assert "app.kubernetes.io/version" not in text and "helm.sh/chart" not in text
