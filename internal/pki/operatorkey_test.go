// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package pki_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/journeyman-dev/journeyman/internal/pki"
)

const namespace = "journeyman-system"

func TestOperatorKeyIsCreatedOnce(t *testing.T) {
	c := fake.NewClientBuilder().Build()
	first, err := pki.LoadOrCreateOperatorKey(t.Context(), c, namespace)
	require.NoError(t, err)
	require.NotEqual(t, pki.OperatorKey{}, first)
	second, err := pki.LoadOrCreateOperatorKey(t.Context(), c, namespace)
	require.NoError(t, err)
	require.Equal(t, first, second)
}

// Several operators notice at the same time that there is no key. All use the same new key.
func TestConcurrentOperatorsUseTheSameKey(t *testing.T) {
	const operators = 4
	var looked sync.WaitGroup
	looked.Add(operators)
	var once [operators]sync.Once
	base := fake.NewClientBuilder().Build()
	keys := make([]pki.OperatorKey, operators)
	errs := make([]error, operators)
	var done sync.WaitGroup
	for i := range operators {
		c := interceptor.NewClient(base, interceptor.Funcs{
			Create: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.CreateOption) error {
				once[i].Do(looked.Done)
				looked.Wait()
				return c.Create(ctx, o, opts...)
			},
		})
		done.Go(func() { keys[i], errs[i] = pki.LoadOrCreateOperatorKey(t.Context(), c, namespace) })
	}
	done.Wait()
	for i := range operators {
		require.NoError(t, errs[i])
		require.Equal(t, keys[0], keys[i])
	}
}

func TestInvalidOperatorKey(t *testing.T) {
	c := fake.NewClientBuilder().WithObjects(&corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: pki.OperatorKeySecret},
		Data:       map[string][]byte{pki.OperatorKeyField: []byte("short")},
	}).Build()
	_, err := pki.LoadOrCreateOperatorKey(t.Context(), c, namespace)
	require.ErrorContains(t, err, "journeyman-system/journeyman-operator-key")
	require.ErrorContains(t, err, "has 5 bytes")
	require.NotContains(t, err.Error(), "short")
}

func TestOperatorKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	want := pki.NewOperatorKey()
	require.NoError(t, os.WriteFile(path, want[:], 0o600))
	got, err := pki.ReadOperatorKeyFile(path)
	require.NoError(t, err)
	require.Equal(t, want, got)

	require.NoError(t, os.WriteFile(path, append(want[:], '\n'), 0o600))
	_, err = pki.ReadOperatorKeyFile(path)
	require.ErrorContains(t, err, "has 33 bytes")
	_, err = pki.ReadOperatorKeyFile(path + "-absent")
	require.ErrorIs(t, err, os.ErrNotExist)
}

// No way to print a key shows it.
func TestOperatorKeyIsNotLogged(t *testing.T) {
	key := pki.OperatorKey{0xab, 0xcd}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		require.Equal(t, "operator key "+key.Fingerprint(), fmt.Sprintf(verb, key))
	}
	require.NotContains(t, key.Fingerprint(), "abcd")
}
