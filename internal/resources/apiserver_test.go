// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package resources_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/journeyman-dev/journeyman/internal/resources"
)

// apiServer starts a real API server, or skips the test if its programs are not installed.
func apiServer(t *testing.T) *rest.Config {
	t.Helper()
	if os.Getenv("KUBEBUILDER_ASSETS") == "" {
		t.Skip("KUBEBUILDER_ASSETS is not set: there is no API server to test against")
	}
	env := &envtest.Environment{}
	config, err := env.Start()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, env.Stop()) })
	return config
}

// clientOf returns a client for the API server like that of the operator. An empty user is the administrator.
func clientOf(t *testing.T, config *rest.Config, user string) client.Client {
	t.Helper()
	config = rest.CopyConfig(config)
	config.Impersonate.UserName = user
	c, err := client.New(config, client.Options{FieldOwner: resources.Manager, FieldValidation: metav1.FieldValidationStrict})
	require.NoError(t, err)
	return c
}

// A real API server accepts all children of all fixtures, with strict validation. Applying them again changes nothing.
func TestAPIServerAcceptsChildren(t *testing.T) {
	c := clientOf(t, apiServer(t), "")
	for _, path := range fixtures(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"}}
			require.NoError(t, c.Create(t.Context(), namespace))
			f := loadFixture(t, path)
			f.inNamespace(namespace.Name)
			// Build them each time, because the client writes the response into the object. The second apply can still change something: the owner of the
			// finalizer that the server adds to the claim.
			second, third := f.children(t), f.children(t)
			for i, child := range f.children(t) {
				createOrApply(t, c, child)
				before := createOrApply(t, c, second[i]).GetResourceVersion()
				require.Equal(t, before, createOrApply(t, c, third[i]).GetResourceVersion(), "%s: applied again", child)
			}
		})
	}
}

// createOrApply creates or applies a child like the operator, and returns the object in the cluster.
func createOrApply(t *testing.T, c client.Client, child resources.Child) *unstructured.Unstructured {
	t.Helper()
	object, err := child.Unstructured()
	require.NoError(t, err)
	if child.CreateOnly {
		if err := c.Create(t.Context(), object.DeepCopy()); !apierrors.IsAlreadyExists(err) {
			require.NoError(t, err, child.String())
		}
	} else {
		require.NoError(t, c.Apply(t.Context(), child.Object, client.ForceOwnership), child.String())
	}
	live := &unstructured.Unstructured{}
	live.SetGroupVersionKind(child.GVK)
	require.NoError(t, c.Get(t.Context(), client.ObjectKeyFromObject(object), live))
	return live
}

func (f fixture) inNamespace(namespace string) {
	for _, o := range f.stores {
		o.Namespace = namespace
	}
	for _, o := range f.sources {
		o.Namespace = namespace
	}
	for _, o := range f.maps {
		o.Namespace = namespace
	}
	for _, o := range f.reports {
		o.Namespace = namespace
	}
}
