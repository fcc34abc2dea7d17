// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/controller/storewatch"
	"github.com/journeyman-dev/journeyman/internal/pki"
	"github.com/journeyman-dev/journeyman/internal/resources"
	"github.com/journeyman-dev/journeyman/internal/store/client"
)

// DialStores connects to stores with secrets derived from the operator key, so that it reads no Secrets. An address, if given, replaces the Service
// of each store, for an operator outside the cluster with one store behind a forwarded port.
func DialStores(key pki.OperatorKey, address string) storewatch.Dial {
	return func(t storewatch.Target) (storewatch.Stater, error) {
		store := &v1alpha1.EventStore{ObjectMeta: metav1.ObjectMeta{
			Namespace: t.Key.Namespace, Name: t.Key.Name, UID: t.UID, CreationTimestamp: metav1.NewTime(t.CreatedAt),
		}}
		identity := resources.StoreIdentity(store)
		material, err := key.Material(identity, 0) // authority and keys are the same in every epoch
		if err != nil {
			return nil, err
		}
		o := client.Options{URL: resources.StoreURL(store), Key: []byte(material.ScanKey), CA: material.CA}
		if address != "" {
			o.URL, o.ServerName = "https://"+address, identity.Hosts[0]
		}
		c, err := client.New(o)
		if err != nil {
			return nil, err
		}
		return c, nil
	}
}
