"""Kinds that discovery reports."""

from typing import NamedTuple


class Kind(NamedTuple):
    group_version: str  # "v1", "apps/v1"
    name: str  # "Deployment"
    plural: str  # "deployments"
    namespaced: bool = True
    is_builtin: bool = True  # False: a custom resource


KINDS = [
    Kind("v1", "Namespace", "namespaces", namespaced=False),
    Kind("v1", "ConfigMap", "configmaps"),
    Kind("v1", "Secret", "secrets"),
    Kind("v1", "Service", "services"),
    Kind("v1", "ServiceAccount", "serviceaccounts"),
    Kind("v1", "Pod", "pods"),
    Kind("apps/v1", "DaemonSet", "daemonsets"),
    Kind("apps/v1", "Deployment", "deployments"),
    Kind("apps/v1", "ReplicaSet", "replicasets"),
    Kind("apps/v1", "StatefulSet", "statefulsets"),
    Kind("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers"),
    Kind("batch/v1", "Job", "jobs"),
    Kind("networking.k8s.io/v1", "Ingress", "ingresses"),
    Kind("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies"),
    Kind("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets"),
    Kind("argoproj.io/v1alpha1", "Application", "applications", is_builtin=False),
    Kind("argoproj.io/v1alpha1", "AppProject", "appprojects", is_builtin=False),
    Kind("elasticsearch.k8s.elastic.co/v1", "Elasticsearch", "elasticsearches", is_builtin=False),
    Kind("gateway.networking.k8s.io/v1", "HTTPRoute", "httproutes", is_builtin=False),
    Kind("kibana.k8s.elastic.co/v1", "Kibana", "kibanas", is_builtin=False),
    Kind("monitoring.coreos.com/v1", "PodMonitor", "podmonitors", is_builtin=False),
    Kind("monitoring.coreos.com/v1", "PrometheusRule", "prometheusrules", is_builtin=False),
    Kind("monitoring.coreos.com/v1", "ServiceMonitor", "servicemonitors", is_builtin=False),
    Kind("postgresql.cnpg.io/v1", "Cluster", "clusters", is_builtin=False),
    Kind("postgresql.cnpg.io/v1", "ScheduledBackup", "scheduledbackups", is_builtin=False),
    Kind("traefik.io/v1alpha1", "IngressRoute", "ingressroutes", is_builtin=False),
    Kind("traefik.io/v1alpha1", "Middleware", "middlewares", is_builtin=False),
    Kind("traefik.io/v1alpha1", "ServersTransport", "serverstransports", is_builtin=False),
    Kind("traefik.io/v1alpha1", "TLSStore", "tlsstores", is_builtin=False),
]


def kind_of(group_version: str, plural: str) -> Kind | None:
    return next((kind for kind in KINDS if (kind.group_version, kind.plural) == (group_version, plural)), None)
