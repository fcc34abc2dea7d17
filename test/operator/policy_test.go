// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package operator_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/journeyman-dev/journeyman/internal/controller"
	"github.com/journeyman-dev/journeyman/internal/scrape"
	"github.com/journeyman-dev/journeyman/test/rig/suite"
)

// refusedBy is part of the error of the API server when a policy refuses a request.
const refusedBy = "ValidatingAdmissionPolicy 'journeyman-operator-"

// foreignName is a ConfigMap that the operator does not own.
const foreignName = "spare-ingest"

// installPolicies applies config/policy for all specs.
func installPolicies(ctx context.Context) {
	GinkgoHelper()
	for _, name := range []string{"objects", "pods", "access", "metadata", "selectors"} {
		text, err := os.ReadFile("../../config/policy/" + name + ".yaml")
		Expect(err).NotTo(HaveOccurred())
		for document := range strings.SplitSeq(string(text), "\n---\n") {
			u := &unstructured.Unstructured{}
			Expect(yaml.Unmarshal([]byte(document), u)).To(Succeed())
			createOnce(ctx, u)
		}
	}
}

// createOnce creates a cluster-scoped object, unless another spec has created it.
func createOnce(ctx context.Context, o client.Object) {
	GinkgoHelper()
	Expect(client.IgnoreAlreadyExists(api.Create(ctx, o))).To(Succeed())
}

// accountName returns the user name of the operator's service account in the namespace, which the policies use.
func (w *world) accountName() string {
	return "system:serviceaccount:" + w.namespace + ":journeyman-operator"
}

// account creates a user with the name of the operator's service account in the namespace, and with permissions.
func (w *world) account(rights rbacv1.RoleRef) *suite.User {
	GinkgoHelper()
	name := w.accountName()
	Expect(api.Create(w.ctx, &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "operator-" + w.namespace},
		RoleRef:    rights,
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "User", Name: name}},
	})).To(Succeed())
	return suite.As(restConfig, name)
}

// With a stolen token of the operator, even with all permissions in the cluster, an attacker can do only what the operator itself does. Every attack
// starts with an object of the operator, which the policies allow unchanged.
var _ = Describe("The admission policy", Ordered, ContinueOnFailure, suite.Fast, suite.Versions, func() {
	var thief client.Client
	w := &world{}
	all := attacks()

	BeforeAll(func(ctx SpecContext) {
		installPolicies(ctx)
		w.begin(ctx)
		var err error
		thief, err = client.New(w.account(rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "cluster-admin"}).Config,
			client.Options{Scheme: controller.Scheme()})
		Expect(err).NotTo(HaveOccurred())
		w.start()
		w.apply(kinds...)
		w.awaitSamples()
		w.quiet(time.Second)
		w.stop()
		w.create(&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: foreignName}})
		label(w)
		for _, name := range []string{"no owner", "the node's network", "all rights", "a dashboard", "a Job of many pods"} {
			Expect(all).To(HaveKey(name))
			Eventually(ctx, func() error { return all[name].do(ctx, thief, all[name].evil(w)) }).Should(
				MatchError(ContainSubstring(refusedBy)), "one attack on each policy, so that all have come into force: %s", name)
		}
	})

	It("restricts as many attacks as the docs say", func() {
		page, err := os.ReadFile("../../docs/security.md")
		Expect(err).NotTo(HaveOccurred())
		Expect(string(page)).To(ContainSubstring(fmt.Sprintf("%d attempts with the rights of `cluster-admin` are refused", len(all))))
	})

	for _, name := range slices.Sorted(maps.Keys(all)) {
		It("refuses: "+name, func(ctx SpecContext) {
			w.ctx = ctx
			a := all[name]
			if a.honest != nil {
				Expect(a.do(ctx, thief, a.honest(w))).To(Succeed(), "as it is")
			}
			Expect(a.do(ctx, thief, a.evil(w))).To(MatchError(SatisfyAll(ContainSubstring(refusedBy), ContainSubstring(a.says))))
		})
	}
})

// attack is something that the thief of a token can try.
type attack struct {
	do           func(ctx context.Context, c client.Client, o client.Object) error
	honest, evil func(w *world) client.Object
	says         string
}

func update(ctx context.Context, c client.Client, o client.Object) error {
	return c.Update(ctx, o, client.DryRunAll)
}
func create(ctx context.Context, c client.Client, o client.Object) error {
	return c.Create(ctx, o, client.DryRunAll)
}
func remove(ctx context.Context, c client.Client, o client.Object) error {
	return c.Delete(ctx, o, client.DryRunAll)
}

// changing is an attack that changes an object of the operator.
func changing[T client.Object](says, name string, obj T, change func(T)) attack {
	return changed(says, func(w *world) T { return get(w, name, obj.DeepCopyObject().(T)) }, change)
}

func changed[T client.Object](says string, read func(w *world) T, change func(T)) attack {
	return attack{do: update, says: says, honest: func(w *world) client.Object { return read(w) }, evil: func(w *world) client.Object {
		o := read(w)
		change(o)
		return o
	}}
}

// making is an attack that creates a changed copy of an object of the operator.
func making[T client.Object](says, name string, obj T, change func(T)) attack {
	return made(changing(says, name, obj, change))
}

// makingSecret is an attack that creates a changed copy of the Secret that the pods of web mount.
func makingSecret(says string, change func(*corev1.Secret)) attack {
	return made(changed(says, func(w *world) *corev1.Secret { return get(w, w.secretOf("web-ingest"), &corev1.Secret{}) }, change))
}

func made(a attack) attack {
	return attack{do: create, says: a.says, evil: func(w *world) client.Object {
		o := a.evil(w)
		o.SetResourceVersion("")
		o.SetUID("")
		return o
	}}
}

func attacks() map[string]attack {
	all := map[string]attack{}
	maps.Copy(all, attacksOnObjects())
	maps.Copy(all, attacksByPods())
	maps.Copy(all, attacksByRights())
	maps.Copy(all, attacksByLabels())
	maps.Copy(all, attacksBySelectors())
	return all
}

func attacksOnObjects() map[string]attack {
	const labels, names, owner, before = "with the labels", "whose name is made from", "whose controller is", "that it already owns"
	return map[string]attack{
		"takes its label away": changing(labels, "web-ingest", &corev1.ConfigMap{}, func(o *corev1.ConfigMap) { delete(o.Labels, "app.kubernetes.io/managed-by") }),
		"another kind":         changing(labels, "web-ingest", &corev1.ConfigMap{}, func(o *corev1.ConfigMap) { o.Labels["journeyman.dev/kind"] = "Pod" }),
		"another parent":       changing(names, "web-ingest", &corev1.ConfigMap{}, func(o *corev1.ConfigMap) { o.Labels["journeyman.dev/name"] = "tills" }),
		"no owner":             changing(owner, "web-ingest", &corev1.ConfigMap{}, func(o *corev1.ConfigMap) { o.OwnerReferences = nil }),
		"another owner": changing(owner, "web-ingest", &corev1.ConfigMap{}, func(o *corev1.ConfigMap) {
			o.OwnerReferences[0].Kind, o.OwnerReferences[0].APIVersion = "Deployment", "apps/v1"
		}),
		"another name": making(names, "web-ingest", &corev1.ConfigMap{}, func(o *corev1.ConfigMap) { o.Name = "web-settings" }),
		"the cluster's own namespace": making("cluster's own namespaces", "web-ingest", &corev1.ConfigMap{}, func(o *corev1.ConfigMap) {
			o.Namespace = metav1.NamespaceSystem
		}),
		"an object of somebody else": {do: update, says: before, evil: func(w *world) client.Object {
			o := get(w, foreignName, &corev1.ConfigMap{})
			ours := get(w, "web-ingest", &corev1.ConfigMap{})
			o.Labels, o.OwnerReferences = ours.Labels, ours.OwnerReferences
			o.Labels["journeyman.dev/name"], o.OwnerReferences[0].Name = "spare", "spare"
			return o
		}},
		"deletes what is not its own": {do: remove, says: labels, evil: func(w *world) client.Object { return get(w, foreignName, &corev1.ConfigMap{}) }},
		"a Secret of another type": makingSecret("of the type Opaque", func(o *corev1.Secret) {
			o.Name, o.Type = "default-append-00000000", "example.com/else"
		}),
		"its own key, of another type": makingSecret(labels, func(o *corev1.Secret) {
			o.Name, o.Labels, o.OwnerReferences, o.Type = scrape.KeySecret, nil, nil, "example.com/else"
		}),
		"a Secret without labels": makingSecret(labels, func(o *corev1.Secret) { o.Name, o.Labels, o.OwnerReferences = "journeyman-other-key", nil, nil }),
		// Two policies refuse this, and either can report it.
		"the token of another service account": makingSecret("operator of Journeyman", func(o *corev1.Secret) {
			o.Name = "default-append-00000000"
			o.Type = corev1.SecretTypeServiceAccountToken
			o.Annotations = map[string]string{corev1.ServiceAccountNameKey: "default"}
		}),
		"a Pod": {do: create, says: "of this kind", evil: func(w *world) client.Object {
			ours := get(w, "web-ingest", &appsv1.Deployment{})
			o := &corev1.Pod{ObjectMeta: ours.ObjectMeta, Spec: ours.Spec.Template.Spec}
			o.ResourceVersion = ""
			return o
		}},
		"the token of a service account": {says: "no subresources", evil: func(w *world) client.Object {
			return get(w, "web-ingest", &corev1.ServiceAccount{})
		}, do: func(ctx context.Context, c client.Client, o client.Object) error {
			return c.SubResource("token").Create(ctx, o, &authenticationv1.TokenRequest{}, client.DryRunAll)
		}},
		"the scale of others": {says: "no subresources", evil: func(w *world) client.Object {
			return get(w, "web-ingest", &appsv1.Deployment{})
		}, do: func(ctx context.Context, c client.Client, o client.Object) error {
			scale := &autoscalingv1.Scale{Spec: autoscalingv1.ScaleSpec{Replicas: 9}}
			return c.SubResource("scale").Update(ctx, o, client.WithSubResourceBody(scale), client.DryRunAll)
		}},
		"rights on the whole cluster": {do: create, says: "of this kind", evil: func(w *world) client.Object {
			return &rbacv1.ClusterRoleBinding{
				ObjectMeta: metav1.ObjectMeta{Name: "thief-" + w.namespace},
				RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "cluster-admin"},
			}
		}},
	}
}

// secretOf returns the name of the Secret with the store's key that a workload mounts.
func (w *world) secretOf(deployment string) string {
	for _, v := range get(w, deployment, &appsv1.Deployment{}).Spec.Template.Spec.Volumes {
		if v.Name == "keys" {
			return v.Secret.SecretName
		}
	}
	Fail(fmt.Sprintf("%s mounts no keys", deployment))
	return ""
}

func attacksByPods() map[string]attack {
	pod := func(says string, change func(*corev1.PodSpec)) attack {
		return changing(says, "web-ingest", &appsv1.Deployment{}, func(d *appsv1.Deployment) { change(&d.Spec.Template.Spec) })
	}
	secret := func(source *corev1.SecretVolumeSource) func(*corev1.PodSpec) {
		return func(p *corev1.PodSpec) {
			p.Volumes = append(p.Volumes, corev1.Volume{Name: "stolen", VolumeSource: corev1.VolumeSource{Secret: source}})
		}
	}
	return map[string]attack{
		"another service account": pod("service account of its own object", func(p *corev1.PodSpec) { p.ServiceAccountName = "default" }),
		"a token":                 pod("service-account token", func(p *corev1.PodSpec) { p.AutomountServiceAccountToken = ptr.To(true) }),
		"a token in a volume": pod("mounts its own", func(p *corev1.PodSpec) {
			p.Volumes = append(p.Volumes, corev1.Volume{Name: "token", VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{
				Sources: []corev1.VolumeProjection{{ServiceAccountToken: &corev1.ServiceAccountTokenProjection{Path: "token"}}},
			}}})
		}),
		"the node's network": pod("shares nothing", func(p *corev1.PodSpec) { p.HostNetwork = true }),
		"the node's disk": pod("mounts its own", func(p *corev1.PodSpec) {
			p.Volumes[0].VolumeSource = corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/"}}
		}),
		"another claim": pod("mounts its own", func(p *corev1.PodSpec) {
			p.Volumes[0].VolumeSource = corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "database"}}
		}),
		"a ConfigMap in the environment": pod("into its environment", func(p *corev1.PodSpec) {
			p.Containers[0].Env = append(p.Containers[0].Env, corev1.EnvVar{Name: "X", ValueFrom: &corev1.EnvVarSource{
				ConfigMapKeyRef: &corev1.ConfigMapKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: "settings"}, Key: "password"},
			}})
		}),
		"all of a ConfigMap in the environment": pod("into its environment", func(p *corev1.PodSpec) {
			p.Containers[0].EnvFrom = []corev1.EnvFromSource{{ConfigMapRef: &corev1.ConfigMapEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "settings"}}}}
		}),
		"a claim of its own": pod("mounts its own", func(p *corev1.PodSpec) {
			p.Volumes = append(p.Volumes, corev1.Volume{Name: "copy", VolumeSource: corev1.VolumeSource{Ephemeral: &corev1.EphemeralVolumeSource{
				VolumeClaimTemplate: &corev1.PersistentVolumeClaimTemplate{Spec: copyOfDatabase()},
			}}})
		}),
		"a volume by a driver": pod("mounts its own", func(p *corev1.PodSpec) {
			p.Volumes = append(p.Volumes, corev1.Volume{Name: "csi", VolumeSource: corev1.VolumeSource{CSI: &corev1.CSIVolumeSource{Driver: "secrets-store.csi.k8s.io"}}})
		}),
		"a volume of an image": pod("mounts its own", func(p *corev1.PodSpec) {
			p.Volumes = append(p.Volumes, corev1.Volume{Name: "nfs", VolumeSource: corev1.VolumeSource{NFS: &corev1.NFSVolumeSource{Server: "nas", Path: "/"}}})
		}),
		"the keys of a store": pod("mounts its own", secret(&corev1.SecretVolumeSource{SecretName: "default-store-keys-00000000"})),
		"the scan key":        pod("mounts its own", secret(&corev1.SecretVolumeSource{SecretName: "default-scan-00000000"})),
		"another store's keys": changing("mounts its own", "default-store", &appsv1.StatefulSet{}, func(o *appsv1.StatefulSet) {
			p := &o.Spec.Template.Spec
			p.Volumes = append(p.Volumes, corev1.Volume{Name: "stolen", VolumeSource: corev1.VolumeSource{
				Secret: &corev1.SecretVolumeSource{SecretName: "a-default-store-keys-00000000"},
			}})
		}),
		"the append key in an analysis": changing("mounts its own", "omnichannel-retail-map", &batchv1.CronJob{}, func(o *batchv1.CronJob) {
			o.Spec.JobTemplate.Spec.Template.Spec.Volumes[1].Secret.SecretName = "default-append-00000000"
		}),
		"a sender's secret in an analysis": changing("mounts its own", "omnichannel-retail-map", &batchv1.CronJob{}, func(o *batchv1.CronJob) {
			o.Spec.JobTemplate.Spec.Template.Spec.Volumes[1].Secret = &corev1.SecretVolumeSource{
				SecretName: "database", Items: []corev1.KeyToPath{{Key: "journeyman-token", Path: "p"}},
			}
		}),
		"a certificate of others": pod("mounts its own", secret(&corev1.SecretVolumeSource{
			SecretName: "shop-tls", Items: []corev1.KeyToPath{{Key: "tls.key", Path: "p"}},
		})),
		"more than a certificate": pod("mounts its own", secret(&corev1.SecretVolumeSource{
			SecretName: "journeyman-tls", Items: []corev1.KeyToPath{{Key: "tls.key", Path: "p"}, {Key: "password", Path: "q"}},
		})),
		"the control plane": pod("taints of the control plane", func(p *corev1.PodSpec) {
			p.Tolerations = []corev1.Toleration{{Key: "node-role.kubernetes.io/control-plane", Operator: corev1.TolerationOpExists}}
		}),
		"a toleration of all taints": pod("taints of the control plane", func(p *corev1.PodSpec) {
			p.Tolerations = []corev1.Toleration{{Operator: corev1.TolerationOpExists}}
		}),
		"the group of root":  pod("default profiles", func(p *corev1.PodSpec) { p.SecurityContext.SupplementalGroups = []int64{0} }),
		"volumes of root":    pod("default profiles", func(p *corev1.PodSpec) { p.SecurityContext.FSGroup = ptr.To[int64](0) }),
		"another ConfigMap":  pod("mounts its own", func(p *corev1.PodSpec) { p.Volumes[0].ConfigMap.Name = "settings" }),
		"a whole Secret":     pod("mounts its own", secret(&corev1.SecretVolumeSource{SecretName: "database"})),
		"a key of a Secret":  pod("mounts its own", secret(&corev1.SecretVolumeSource{SecretName: "database", Items: []corev1.KeyToPath{{Key: "password", Path: "p"}}})),
		"a second container": pod("one container", func(p *corev1.PodSpec) { p.Containers = append(p.Containers, corev1.Container{Name: "x", Image: "x"}) }),
		"an init container":  pod("one container", func(p *corev1.PodSpec) { p.InitContainers = []corev1.Container{{Name: "x", Image: "x"}} }),
		"a privileged container": pod("restricted Pod Security profile", func(p *corev1.PodSpec) {
			p.Containers[0].SecurityContext.Capabilities.Add = []corev1.Capability{"NET_ADMIN"}
		}),
		"a container without a context": pod("restricted Pod Security profile", func(p *corev1.PodSpec) { p.Containers[0].SecurityContext = nil }),
		"a Secret in the environment": pod("into its environment", func(p *corev1.PodSpec) {
			p.Containers[0].Env = append(p.Containers[0].Env, corev1.EnvVar{Name: "X", ValueFrom: &corev1.EnvVarSource{
				SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: "database"}, Key: "password"},
			}})
		}),
		"a port of the node": pod("host ports, resource claims", func(p *corev1.PodSpec) { p.Containers[0].Ports[0].HostPort = 80 }),
		"another runtime":    pod("host ports, resource claims", func(p *corev1.PodSpec) { p.RuntimeClassName = ptr.To("privileged") }),
		"the priority of the cluster": pod("host ports, resource claims", func(p *corev1.PodSpec) {
			p.PriorityClassName = "system-node-critical"
		}),
		"an HTTP probe of another host": pod("probes of other hosts", func(p *corev1.PodSpec) {
			p.Containers[0].ReadinessProbe.HTTPGet.Host = "169.254.169.254"
		}),
		"a TCP probe of another host": pod("probes of other hosts", func(p *corev1.PodSpec) {
			p.Containers[0].LivenessProbe.ProbeHandler = corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{Host: "192.0.2.1", Port: intstr.FromInt32(22)}}
		}),
		"a preStop hook": pod("probes of other hosts", func(p *corev1.PodSpec) {
			p.Containers[0].Lifecycle = &corev1.Lifecycle{PreStop: &corev1.LifecycleHandler{HTTPGet: &corev1.HTTPGetAction{Host: "192.0.2.1", Port: intstr.FromInt32(80)}}}
		}),
		"no seccomp profile": pod("default profiles", func(p *corev1.PodSpec) { p.SecurityContext.SeccompProfile = nil }),
		"an open seccomp profile": pod("default profiles", func(p *corev1.PodSpec) {
			p.Containers[0].SecurityContext.SeccompProfile = &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeUnconfined}
		}),
		"root": pod("default profiles", func(p *corev1.PodSpec) { p.Containers[0].SecurityContext.RunAsUser = ptr.To[int64](0) }),
		"sysctls": pod("default profiles", func(p *corev1.PodSpec) {
			p.SecurityContext.Sysctls = []corev1.Sysctl{{Name: "net.ipv4.ip_forward", Value: "1"}}
		}),
		"a claim made from another": making("no templates of claims", "default-store", &appsv1.StatefulSet{}, func(o *appsv1.StatefulSet) {
			o.Spec.VolumeClaimTemplates = []corev1.PersistentVolumeClaim{{ObjectMeta: metav1.ObjectMeta{Name: "stolen"}, Spec: copyOfDatabase()}}
		}),
		"the store's pod": changing("shares nothing", "default-store", &appsv1.StatefulSet{}, func(o *appsv1.StatefulSet) { o.Spec.Template.Spec.HostPID = true }),
		"an analysis": changing("service account of its own object", "omnichannel-retail-map", &batchv1.CronJob{}, func(o *batchv1.CronJob) {
			o.Spec.JobTemplate.Spec.Template.Spec.ServiceAccountName = "default"
		}),
	}
}

// copyOfDatabase is a claim that is cloned from another claim in the namespace.
func copyOfDatabase() corev1.PersistentVolumeClaimSpec {
	return corev1.PersistentVolumeClaimSpec{
		AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
		DataSource:  &corev1.TypedLocalObjectReference{Kind: "PersistentVolumeClaim", Name: "database"},
		Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
	}
}

func attacksByRights() map[string]attack {
	const role, binding, service, network = "a Role of Journeyman", "a RoleBinding of Journeyman", "a Service of Journeyman", "a NetworkPolicy of Journeyman"
	return map[string]attack{
		"all rights": changing(role, "omnichannel-retail-map", &rbacv1.Role{}, func(o *rbacv1.Role) {
			o.Rules = []rbacv1.PolicyRule{{APIGroups: []string{"*"}, Resources: []string{"*"}, Verbs: []string{"*"}}}
		}),
		"all maps":             changing(role, "omnichannel-retail-map", &rbacv1.Role{}, func(o *rbacv1.Role) { o.Rules[0].ResourceNames = nil }),
		"more than the status": changing(role, "omnichannel-retail-map", &rbacv1.Role{}, func(o *rbacv1.Role) { o.Rules[1].Verbs = []string{"patch", "delete"} }),
		"rights for another":   changing(binding, "omnichannel-retail-map", &rbacv1.RoleBinding{}, func(o *rbacv1.RoleBinding) { o.Subjects[0].Name = "default" }),
		"rights elsewhere":     changing(binding, "omnichannel-retail-map", &rbacv1.RoleBinding{}, func(o *rbacv1.RoleBinding) { o.Subjects[0].Namespace = "default" }),
		"a way out of the cluster": changing(service, "web-ingest", &corev1.Service{}, func(o *corev1.Service) {
			o.Spec.Type, o.Spec.ExternalName, o.Spec.ClusterIP, o.Spec.ClusterIPs = corev1.ServiceTypeExternalName, "example.com", "", nil
		}),
		"an address of the node": changing(service, "web-ingest", &corev1.Service{}, func(o *corev1.Service) { o.Spec.ExternalIPs = []string{"192.0.2.1"} }),
		"pods of others":         changing(service, "web-ingest", &corev1.Service{}, func(o *corev1.Service) { o.Spec.Selector = map[string]string{"app": "shop"} }),
		"tokens by default": changing("mounts no token", "web-ingest", &corev1.ServiceAccount{}, func(o *corev1.ServiceAccount) {
			o.AutomountServiceAccountToken = ptr.To(true)
		}),
		"a copy of a volume": making("from no other volume", "default-store", &corev1.PersistentVolumeClaim{}, func(o *corev1.PersistentVolumeClaim) {
			o.Spec.DataSource = &corev1.TypedLocalObjectReference{Kind: "PersistentVolumeClaim", Name: "database"}
			o.Spec.VolumeName = ""
		}),
		"a volume of others": making("chooses none", "default-store", &corev1.PersistentVolumeClaim{}, func(o *corev1.PersistentVolumeClaim) {
			o.Spec.VolumeName = "pv-of-the-database"
		}),
		"a volume by its labels": making("chooses none", "default-store", &corev1.PersistentVolumeClaim{}, func(o *corev1.PersistentVolumeClaim) {
			o.Spec.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{"for": "database"}}
		}),
		"a volume later": changing("chooses none", "default-store", &corev1.PersistentVolumeClaim{}, func(o *corev1.PersistentVolumeClaim) {
			o.Spec.VolumeName = "pv-of-the-database"
		}),
		"a Secret to pull with": changing("names no Secret", "web-ingest", &corev1.ServiceAccount{}, func(o *corev1.ServiceAccount) {
			o.ImagePullSecrets = []corev1.LocalObjectReference{{Name: "database"}}
		}),
		"pods of another tenant's kind": changing(service, "web-ingest", &corev1.Service{}, func(o *corev1.Service) {
			delete(o.Spec.Selector, "app.kubernetes.io/component")
		}),
		"the size of others": making("scales the Deployment of its name", "web-ingest", &autoscalingv2.HorizontalPodAutoscaler{}, func(o *autoscalingv2.HorizontalPodAutoscaler) {
			o.Spec.ScaleTargetRef.Name = "shop"
		}),
		"the network of others": changing(network, "web-ingest", &networkingv1.NetworkPolicy{}, func(o *networkingv1.NetworkPolicy) {
			o.Spec.PodSelector = metav1.LabelSelector{MatchLabels: map[string]string{"app": "shop"}}
		}),
		"the network of all": changing(network, "web-ingest", &networkingv1.NetworkPolicy{}, func(o *networkingv1.NetworkPolicy) {
			o.Spec.PodSelector = metav1.LabelSelector{}
		}),
		"pods that anybody reaches": changing(network, "web-ingest", &networkingv1.NetworkPolicy{}, func(o *networkingv1.NetworkPolicy) {
			o.Spec.PolicyTypes = []networkingv1.PolicyType{networkingv1.PolicyTypeEgress}
		}),
	}
}
