// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package scrape controls who can read the operator's metrics, which contain the KPIs of every namespace that it works in. With permissions for the
// whole cluster, it allows callers whom the API server authenticates and authorises; with permissions for one namespace, callers who have a key. A
// Role cannot grant the reviews that the first way needs.
package scrape

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/http"
	"strings"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

const (
	// KeySecret holds the key for scraping, in the operator's namespace, in the field KeyField.
	KeySecret = "journeyman-scrape-key"
	// KeyField is the field of KeySecret with the key.
	KeyField = "token"
)

// Options returns the options of a metrics server at an address: HTTPS, with a certificate from the folder (tls.crt and tls.key, reloaded when they
// change) or, without one, a self-signed one. With an empty key, the API server reviews the caller's token and permissions; otherwise callers need
// the key.
func Options(address, certDir, key string) server.Options {
	o := server.Options{BindAddress: address, SecureServing: true, CertDir: certDir, FilterProvider: reviewed}
	if key != "" {
		o.FilterProvider = func(*rest.Config, *http.Client) (server.Filter, error) {
			return func(_ logr.Logger, next http.Handler) (http.Handler, error) { return withKey(key, next), nil }, nil
		}
	}
	return o
}

// withKey protects the handler with "Authorization: Bearer KEY", compared in constant time.
func withKey(key string, next http.Handler) http.Handler {
	want := sha256.Sum256([]byte(key))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		got := sha256.Sum256([]byte(strings.TrimSpace(token)))
		if !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare(want[:], got[:]) != 1 {
			w.Header().Set("WWW-Authenticate", `Bearer realm="journeyman"`)
			http.Error(w, "send Authorization: Bearer and the field "+KeyField+" of the Secret "+KeySecret, http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Publish creates the Secret with the key for scrapers. An existing one stays: the operator cannot read it, and the key is derived from the operator
// key, so it is the same.
func Publish(ctx context.Context, c client.Client, namespace, key string) error {
	err := c.Create(ctx, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Name: KeySecret,
			Labels: map[string]string{"app.kubernetes.io/name": "journeyman", "app.kubernetes.io/component": "operator"},
		},
		Type: corev1.SecretTypeOpaque,
		Data: map[string][]byte{KeyField: []byte(key)},
	})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("create Secret %s/%s: %w", namespace, KeySecret, err)
	}
	return nil
}
