// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package remote reaches the store of a map from outside the cluster, with the rights of the user: it reads what the map's
// analysis job reads (ConfigMap and key) and forwards a port to the store's pod.
package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/resources"
	"github.com/journeyman-dev/journeyman/internal/store/client"
)

// Map is a map on a cluster with a way to its store.
type Map struct {
	// Document that the map's analysis job computes from.
	Document *podconfig.Analysis
	// Record of the run whose results the map's status shows.
	Record *v1alpha1.AnalysisRecord
	// AsOf is the time of analysis of that run.
	AsOf *metav1.Time
	// Store, through the forwarded port.
	Store *client.Client

	forward *forward
}

// Close ends the forwarding.
func (m *Map) Close() error {
	var err error
	if m.Store != nil {
		err = m.Store.Close()
	}
	if m.forward != nil {
		err = errors.Join(err, m.forward.close())
	}
	return err
}

// Open finds a map and everything on the way to its store. The user needs the right to get the map, its ConfigMap and CronJob and the
// Secret with the scan key, to list pods, and to forward a port to one.
func Open(ctx context.Context, cfg *rest.Config, namespace, name string) (m *Map, err error) {
	kube, err := kubernetes.NewForConfig(cfg)
	if err != nil {
		return nil, err
	}
	m = &Map{}
	defer func() {
		if err != nil {
			err = errors.Join(err, m.Close())
		}
	}()
	if m.Record, m.AsOf, err = recordOf(ctx, cfg, namespace, name); err != nil {
		return m, err
	}
	if m.Document, err = documentOf(ctx, kube, namespace, name); err != nil {
		return m, err
	}
	keys, err := keysOf(ctx, kube, namespace, name)
	if err != nil {
		return m, err
	}
	at, err := url.Parse(m.Document.Store.URL)
	if err != nil {
		return m, err
	}
	if m.forward, err = forwardTo(ctx, cfg, kube, namespace, at); err != nil {
		return m, err
	}
	m.Store, err = client.New(client.Options{
		URL: fmt.Sprintf("https://127.0.0.1:%d", m.forward.port), ServerName: at.Hostname(),
		Key: keys.Data[podconfig.KeyFile], CA: keys.Data[podconfig.CAFile],
	})
	return m, err
}

// recordOf returns what the results in a map's status were computed from, and as of when.
func recordOf(ctx context.Context, cfg *rest.Config, namespace, name string) (*v1alpha1.AnalysisRecord, *metav1.Time, error) {
	objects, err := dynamic.NewForConfig(cfg)
	if err != nil {
		return nil, nil, err
	}
	u, err := objects.Resource(v1alpha1.GroupVersion.WithResource("journeymaps")).Namespace(namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return nil, nil, err
	}
	m := &v1alpha1.JourneyMap{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, m); err != nil {
		return nil, nil, err
	}
	if m.Status.Trace.Analysis == nil {
		return nil, nil, fmt.Errorf("JourneyMap %s/%s has no results yet", namespace, name)
	}
	return m.Status.Trace.Analysis, m.Status.Summary.AsOf(), nil
}

func documentOf(ctx context.Context, kube kubernetes.Interface, namespace, name string) (*podconfig.Analysis, error) {
	c, err := kube.CoreV1().ConfigMaps(namespace).Get(ctx, resources.MapName(name), metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	doc := &podconfig.Analysis{}
	raw, err := podconfig.Unpack(podconfig.Packed{Text: c.Data[podconfig.File], Binary: c.BinaryData[podconfig.PackedFile]})
	if err == nil {
		err = json.Unmarshal(raw, doc)
	}
	if err != nil {
		return nil, fmt.Errorf("ConfigMap %s/%s: %w", namespace, c.Name, err)
	}
	return doc, nil
}

// keysOf returns the Secret that the map's jobs mount for the store.
func keysOf(ctx context.Context, kube kubernetes.Interface, namespace, name string) (*corev1.Secret, error) {
	job, err := kube.BatchV1().CronJobs(namespace).Get(ctx, resources.MapName(name), metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	secret := secretAt(job, podconfig.StoreKeyDir)
	if secret == "" {
		return nil, fmt.Errorf("CronJob %s/%s mounts no key of a store", namespace, job.Name)
	}
	return kube.CoreV1().Secrets(namespace).Get(ctx, secret, metav1.GetOptions{})
}

// secretAt returns the Secret that a job's container mounts at a folder.
func secretAt(job *batchv1.CronJob, folder string) string {
	pod := &job.Spec.JobTemplate.Spec.Template.Spec
	for _, c := range pod.Containers {
		for _, mount := range c.VolumeMounts {
			if mount.MountPath != folder {
				continue
			}
			for _, v := range pod.Volumes {
				if v.Name == mount.Name && v.Secret != nil {
					return v.Secret.SecretName
				}
			}
		}
	}
	return ""
}

// podOf returns a running pod of a Service.
func podOf(ctx context.Context, kube kubernetes.Interface, namespace, service string) (*corev1.Pod, error) {
	s, err := kube.CoreV1().Services(namespace).Get(ctx, service, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	pods, err := kube.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{LabelSelector: labels.SelectorFromSet(s.Spec.Selector).String()})
	if err != nil {
		return nil, err
	}
	for i := range pods.Items {
		if pods.Items[i].Status.Phase == corev1.PodRunning {
			return &pods.Items[i], nil
		}
	}
	return nil, fmt.Errorf("no pod of Service %s/%s is running", namespace, service)
}
