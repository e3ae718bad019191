"""`deploy/kubernetes`: valid by the schemas of Kubernetes, restricted, and consistent.

No cluster runs here: the files are read, and held against each other and the program.
"""

from typing import Any

import pytest

from tests.deploy.files.manifests import (
    DEPLOY,
    Document,
    check_arguments,
    read_documents,
    settings_of,
)

FOLDER = DEPLOY / "kubernetes"
# The oldest that is promised, and the newest whose schemas the validator has.
VERSIONS = ("1.30.0", "newest")

(KUSTOMIZATION,) = read_documents(FOLDER / "kustomization.yaml")
DOCUMENTS: list[Document] = [
    each
    for name in KUSTOMIZATION["resources"]
    for each in read_documents(FOLDER / name)
]


def title(document: Document) -> str:
    return f"{document['kind']}/{document['metadata']['name']}"


BY_TITLE = {title(each): each for each in DOCUMENTS}
RUNNING = [each for each in DOCUMENTS if each["kind"] in ("Deployment", "Job")]
STAYING = [each for each in RUNNING if each["kind"] == "Deployment"]
# What others call: a worker runs jobs and serves nobody.
SERVING = [each for each in STAYING if each["metadata"]["name"] != "worker"]


def pod_of(document: Document) -> Document:
    pod: Document = document["spec"]["template"]["spec"]
    return pod


def container_of(document: Document) -> Document:
    (container,) = pod_of(document)["containers"]
    found: Document = container
    return found


def variables_of(document: Document) -> dict[str, str]:
    """What the container's environment is made of."""
    container = container_of(document)
    found = {each["name"]: each["value"] for each in container.get("env", ())}
    for each in container.get("envFrom", ()):
        found |= BY_TITLE[f"ConfigMap/{each['configMapRef']['name']}"]["data"]
    return found


def judge(document: Document, version: str) -> None:
    """Raises if a document is not valid by the schemas of a version."""
    import kubernetes_validate  # noqa: PLC0415 - slow to import

    if version == "newest":
        version = kubernetes_validate.latest_version()
    kubernetes_validate.validate(document, version, strict=True)


def test_no_file_is_left_out() -> None:
    named = {*KUSTOMIZATION["resources"], "kustomization.yaml"}
    assert {path.name for path in FOLDER.iterdir()} == named
    assert len(BY_TITLE) == len(DOCUMENTS)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("document", DOCUMENTS, ids=title)
def test_a_document_is_valid(document: Document, version: str) -> None:
    judge(document, version)


def test_a_field_that_is_none_would_be_seen() -> None:
    wrong = {**BY_TITLE["Service/edge"], "spcc": {}}
    with pytest.raises(Exception, match="spcc"):
        judge(wrong, VERSIONS[0])


@pytest.mark.parametrize("document", RUNNING, ids=title)
def test_a_pod_keeps_to_the_restricted_profile(document: Document) -> None:
    pod, container = pod_of(document), container_of(document)
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod["automountServiceAccountToken"] is False
    assert pod["enableServiceLinks"] is False
    assert pod["serviceAccountName"] == "prospectconnect"
    assert container["resources"].keys() == {"requests", "limits"}
    assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys()
    allowed = {"secret", "emptyDir", "projected"}
    for volume in pod.get("volumes", ()):
        assert volume.keys() - {"name"} <= allowed
        sources = volume.get("projected", {}).get("sources", ())
        assert all(each.keys() == {"secret"} for each in sources)


@pytest.mark.parametrize("document", RUNNING, ids=title)
def test_the_program_understands_what_it_is_told(document: Document) -> None:
    container = container_of(document)
    check_arguments(container["args"])
    variables = variables_of(document)
    for probe in ("startupProbe", "readinessProbe"):
        if command := container.get(probe, {}).get("exec", {}).get("command"):
            assert command[0] == "prospectconnect"
            check_arguments(command[1:])
    mounts = [each["mountPath"] for each in container["volumeMounts"]]
    for name, text in variables.items():
        if text.startswith("/"):
            assert any(text.startswith(mount) for mount in mounts), name
    settings_of(variables)


@pytest.mark.parametrize("document", STAYING, ids=title)
def test_a_pod_that_ends_is_given_the_time_to(document: Document) -> None:
    container = container_of(document)
    wait = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    drain = settings_of(variables_of(document)).drain_seconds
    assert pod_of(document)["terminationGracePeriodSeconds"] > wait + drain
    assert document["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


@pytest.mark.parametrize("document", STAYING, ids=title)
def test_a_pod_is_probed_and_spread(document: Document) -> None:
    container = container_of(document)
    assert container.keys() >= {"startupProbe", "readinessProbe", "livenessProbe"}
    assert container["livenessProbe"] != container["readinessProbe"]
    keys = {
        each["topologyKey"] for each in pod_of(document)["topologySpreadConstraints"]
    }
    assert keys == {"kubernetes.io/hostname", "topology.kubernetes.io/zone"}
    name = document["metadata"]["name"]
    scaling = BY_TITLE[f"HorizontalPodAutoscaler/{name}"]["spec"]
    assert scaling["scaleTargetRef"]["name"] == name
    assert scaling["minReplicas"] >= 2
    assert "replicas" not in document["spec"]  # which would undo the scaling
    budget = BY_TITLE[f"PodDisruptionBudget/{name}"]["spec"]
    assert budget["selector"] == document["spec"]["selector"]


@pytest.mark.parametrize("document", SERVING, ids=title)
def test_what_is_selected_is_there(document: Document) -> None:
    labels = document["spec"]["template"]["metadata"]["labels"]
    assert document["spec"]["selector"]["matchLabels"] == labels
    service = BY_TITLE[f"Service/{document['metadata']['name']}"]["spec"]
    assert service["selector"] == labels
    ports = {each["name"] for each in container_of(document)["ports"]}
    assert {each["targetPort"] for each in service["ports"]} <= ports


def test_edges_see_each_of_the_services() -> None:
    service = BY_TITLE["Service/services"]
    assert service["spec"]["clusterIP"] == "None"
    target = container_of(BY_TITLE["Deployment/edge"])["args"][-1]
    assert target == f"dns:///services:{service['spec']['ports'][0]['port']}"


def test_traffic_goes_from_room_to_room_alone() -> None:
    policies = {
        each["metadata"]["name"]: each["spec"]
        for each in DOCUMENTS
        if each["kind"] == "NetworkPolicy"
    }
    assert policies["nobody"] == {
        "podSelector": {},
        "policyTypes": ["Ingress", "Egress"],
    }
    assert sources(policies["services"]) == ["edge"]
    database = policies["database"]["podSelector"]["matchExpressions"][0]["values"]
    assert "edge" not in database
    for spec in policies.values():
        for rule in (*spec.get("ingress", ()), *spec.get("egress", ())):
            assert rule.get("ports")
            assert rule.get("from") or rule.get("to")


def sources(policy: dict[str, Any]) -> list[str]:
    """Which pods a policy lets in."""
    return [
        each["podSelector"]["matchLabels"]["app.kubernetes.io/name"]
        for rule in policy["ingress"]
        for each in rule["from"]
    ]


def test_workers_run_the_jobs_that_services_leave_to_them() -> None:
    services, worker = BY_TITLE["Deployment/services"], BY_TITLE["Deployment/worker"]
    assert not settings_of(variables_of(services)).runs_jobs
    assert container_of(worker)["args"] == ["worker"]
    policy = BY_TITLE["NetworkPolicy/database"]["spec"]["podSelector"]
    assert "worker" in policy["matchExpressions"][0]["values"]


def test_edge_and_services_share_a_secret() -> None:
    """So that services tell the edge from strangers who reach their port."""
    for document in SERVING:
        folder = variables_of(document)["PROSPECTCONNECT_SECRETS_DIR"]
        mounts = container_of(document)["volumeMounts"]
        (name,) = (each["name"] for each in mounts if each["mountPath"] == folder)
        volumes = {each["name"]: each for each in pod_of(document)["volumes"]}
        assert "edge-secret" in str(volumes[name])


def test_secrets_come_by_reference() -> None:
    assert not [each for each in DOCUMENTS if each["kind"] == "Secret"]
    for document in RUNNING:
        for name in variables_of(document):
            last = name.rpartition("_")[2]
            assert last not in ("PASSWORD", "TOKEN"), name
            assert name != "PROSPECTCONNECT_DATABASE_URL"
