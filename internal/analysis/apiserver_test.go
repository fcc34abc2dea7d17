// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package analysis

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/dynamic"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
)

// The first test that needs the API server starts it.
var (
	server    = &envtest.Environment{CRDDirectoryPaths: []string{filepath.Join("..", "..", "config", "crd", "bases")}, ErrorIfCRDPathMissing: true}
	startOnce = sync.OnceValues(func() (*rest.Config, error) { return server.Start() })
	started   bool
)

func TestMain(m *testing.M) {
	code := m.Run()
	if started {
		if err := server.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, "stopping the API server:", err)
		}
	}
	os.Exit(code)
}

// cluster is the namespace of a test on a real API server.
type cluster struct {
	client.Client
	config    *rest.Config
	dynamic   dynamic.Interface
	namespace string
}

func newCluster(t *testing.T) *cluster {
	if os.Getenv("KUBEBUILDER_ASSETS") == "" {
		t.Skip("KUBEBUILDER_ASSETS does not say where etcd and kube-apiserver are; run hack/cluster/prepare.sh first")
	}
	cfg, err := startOnce()
	require.NoError(t, err)
	started = true
	scheme := runtime.NewScheme()
	require.NoError(t, clientgoscheme.AddToScheme(scheme))
	require.NoError(t, v1alpha1.AddToScheme(scheme))
	c, err := client.New(cfg, client.Options{Scheme: scheme})
	require.NoError(t, err)
	d, err := dynamic.NewForConfig(cfg)
	require.NoError(t, err)
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "metrics-"}}
	require.NoError(t, c.Create(context.Background(), ns))
	return &cluster{Client: c, config: cfg, dynamic: d, namespace: ns.Name}
}

// kubectl returns a function that runs kubectl in the namespace. Errors include its output. Without kubectl, the test is skipped.
func (c *cluster) kubectl(t *testing.T) func(args ...string) (string, error) {
	kubectl := filepath.Join(os.Getenv("KUBEBUILDER_ASSETS"), "kubectl")
	if _, err := os.Stat(kubectl); err != nil {
		t.Skip("there is no kubectl next to kube-apiserver: ", err)
	}
	file := filepath.Join(t.TempDir(), "kubeconfig")
	require.NoError(t, clientcmd.WriteToFile(clientcmdapi.Config{
		Clusters: map[string]*clientcmdapi.Cluster{"c": {Server: c.config.Host, CertificateAuthorityData: c.config.CAData}},
		AuthInfos: map[string]*clientcmdapi.AuthInfo{
			"u": {ClientCertificateData: c.config.CertData, ClientKeyData: c.config.KeyData},
		},
		Contexts: map[string]*clientcmdapi.Context{"x": {Cluster: "c", AuthInfo: "u"}}, CurrentContext: "x",
	}, file))
	return func(args ...string) (string, error) {
		out, err := exec.Command(kubectl, append([]string{"--kubeconfig", file, "-n", c.namespace}, args...)...).CombinedOutput()
		return string(out), err
	}
}

// createMap creates a JourneyMap, and returns the document that the operator would write for it.
func (c *cluster) createMap(t *testing.T, name string, spec v1alpha1.JourneyMapSpec) *podconfig.Analysis {
	m := &v1alpha1.JourneyMap{ObjectMeta: metav1.ObjectMeta{Namespace: c.namespace, Name: name}, Spec: spec}
	require.NoError(t, c.Create(context.Background(), m))
	return &podconfig.Analysis{
		Version: podconfig.Version, Kind: v1alpha1.JourneyMapKind, Namespace: c.namespace, Name: name, UID: string(m.UID),
		Generation: m.Generation, Sources: []podconfig.MapSource{{Name: testSource, ExpectEvery: "1h"}},
		Map: m.Spec, MapName: name, MapGeneration: m.Generation,
	}
}

// createReport creates a MetricReport for the map of a document, and returns the document of the report.
func (c *cluster) createReport(t *testing.T, of *podconfig.Analysis, name string, spec v1alpha1.MetricReportSpec) *podconfig.Analysis {
	spec.JourneyMapRef = v1alpha1.LocalReference{Name: v1alpha1.LocalName(of.Name)}
	r := &v1alpha1.MetricReport{ObjectMeta: metav1.ObjectMeta{Namespace: c.namespace, Name: name}, Spec: spec}
	require.NoError(t, c.Create(context.Background(), r))
	doc := *of
	doc.Kind, doc.Name, doc.UID, doc.Generation, doc.Report = v1alpha1.MetricReportKind, name, string(r.UID), r.Generation, &r.Spec
	return &doc
}

func (c *cluster) liveMap(t *testing.T, name string) *v1alpha1.JourneyMap {
	m := &v1alpha1.JourneyMap{}
	require.NoError(t, c.Get(context.Background(), client.ObjectKey{Namespace: c.namespace, Name: name}, m))
	return m
}
