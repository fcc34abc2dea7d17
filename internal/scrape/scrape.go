// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package scrape decides who may read the operator's metrics, which tell the KPIs of every namespace that it works in: with rights over the whole
// cluster whoever the API server recognises and allows to, with those of one namespace whoever has a key. A Role cannot grant the reviews
// that the first way needs.
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
	// KeyField is the field of KeySecret that has the key.
	KeyField = "token"
)

// Options of a server of metrics at an address: HTTPS, with a certificate of the folder (tls.crt, tls.key; it is read again when it
// changes) or, without one, a self-signed one. With an empty key the API server reviews the caller's token and rights; else the key is what
// opens.
func Options(address, certDir, key string) server.Options {
	o := server.Options{BindAddress: address, SecureServing: true, CertDir: certDir, FilterProvider: reviewed}
	if key != "" {
		o.FilterProvider = func(*rest.Config, *http.Client) (server.Filter, error) {
			return func(_ logr.Logger, next http.Handler) (http.Handler, error) { return withKey(key, next), nil }, nil
		}
	}
	return o
}

// withKey opens the handler for "Authorization: Bearer KEY". The time it takes says nothing about the key.
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

// Publish makes the Secret with the key for whoever scrapes. One that is there stays: the operator may not read it, and the key is derived
// from its own, so it is the same one.
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
