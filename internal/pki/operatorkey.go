// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package pki

import (
	"context"
	"fmt"
	"os"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	// OperatorKeySecret is the name of the Secret with the operator key, in the operator's namespace.
	OperatorKeySecret = "journeyman-operator-key"
	// OperatorKeyField is the key in the Secret's data.
	OperatorKeyField = "key"
)

// LoadOrCreateOperatorKey reads the operator key from its Secret, and creates both if there is none. Two operators that start at once get the same
// key: the second one reads what the first one created. The client must not be a cached one, because the operator cannot list Secrets.
func LoadOrCreateOperatorKey(ctx context.Context, c client.Client, namespace string) (OperatorKey, error) {
	key, err := loadOperatorKey(ctx, c, namespace)
	if !apierrors.IsNotFound(err) {
		return key, err
	}
	fresh := NewOperatorKey()
	err = c.Create(ctx, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Name: OperatorKeySecret,
			Labels: map[string]string{"app.kubernetes.io/name": "journeyman", "app.kubernetes.io/component": "operator"},
		},
		// Immutable, because a changed key would disconnect every store from its clients until they restart.
		Immutable: new(true),
		Type:      corev1.SecretTypeOpaque,
		Data:      map[string][]byte{OperatorKeyField: fresh[:]},
	})
	if apierrors.IsAlreadyExists(err) {
		return loadOperatorKey(ctx, c, namespace)
	}
	if err != nil {
		return OperatorKey{}, fmt.Errorf("create Secret %s/%s: %w", namespace, OperatorKeySecret, err)
	}
	return fresh, nil
}

func loadOperatorKey(ctx context.Context, c client.Client, namespace string) (OperatorKey, error) {
	var secret corev1.Secret
	if err := c.Get(ctx, client.ObjectKey{Namespace: namespace, Name: OperatorKeySecret}, &secret); err != nil {
		return OperatorKey{}, fmt.Errorf("read Secret %s/%s: %w", namespace, OperatorKeySecret, err)
	}
	key, err := ParseOperatorKey(secret.Data[OperatorKeyField])
	if err != nil {
		return OperatorKey{}, fmt.Errorf("secret %s/%s, key %q: %w", namespace, OperatorKeySecret, OperatorKeyField, err)
	}
	return key, nil
}

// ReadOperatorKeyFile reads the operator key from a file of exactly KeySize bytes, for an operator outside a cluster.
func ReadOperatorKeyFile(path string) (OperatorKey, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return OperatorKey{}, fmt.Errorf("read operator key: %w", err)
	}
	key, err := ParseOperatorKey(b)
	if err != nil {
		return OperatorKey{}, fmt.Errorf("file %s: %w", path, err)
	}
	return key, nil
}
