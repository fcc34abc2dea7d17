// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package suite

import (
	"context"
	"fmt"

	"github.com/onsi/ginkgo/v2"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

// Dump prints the objects of the given lists and all Events of a namespace.
func Dump(ctx context.Context, c client.Client, namespace string, lists ...client.ObjectList) {
	for _, list := range lists {
		dumpList(ctx, c, namespace, list)
	}
	dumpEvents(ctx, c, namespace)
}

func dumpList(ctx context.Context, c client.Client, namespace string, list client.ObjectList) {
	if err := c.List(ctx, list, client.InNamespace(namespace)); err != nil {
		ginkgo.GinkgoWriter.Printf("%T: %v\n", list, err)
		return
	}
	items, _ := meta.ExtractList(list)
	for _, item := range items {
		o, ok := item.(client.Object)
		if !ok {
			continue
		}
		o.SetManagedFields(nil)
		if secret, ok := o.(*corev1.Secret); ok {
			secret.Data = nil
		}
		text, _ := yaml.Marshal(o)
		ginkgo.GinkgoWriter.Printf("--- %T %s/%s\n%.20000s", o, namespace, o.GetName(), text)
	}
}

func dumpEvents(ctx context.Context, c client.Client, namespace string) {
	var list eventsv1.EventList
	if err := c.List(ctx, &list, client.InNamespace(namespace)); err != nil {
		ginkgo.GinkgoWriter.Printf("Events: %v\n", err)
		return
	}
	ginkgo.GinkgoWriter.Printf("--- %d Events of %s\n", len(list.Items), namespace)
	for i := range list.Items {
		e := &list.Items[i]
		ginkgo.GinkgoWriter.Println(e.EventTime.Format("15:04:05"), e.Type, fmt.Sprintf("%s/%s", e.Regarding.Kind, e.Regarding.Name), e.Reason, e.Note)
	}
}
