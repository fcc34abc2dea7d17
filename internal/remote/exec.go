// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/remotecommand"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/resources"
)

// Store is an EventStore on a cluster in whose pods commands can be run.
type Store struct {
	cfg             *rest.Config
	kube            kubernetes.Interface
	objects         dynamic.Interface
	namespace, name string
}

// NewStore needs permission to get Services, to list pods and TouchpointSources, to get the EventStore, and to create pods/exec.
func NewStore(cfg *rest.Config, namespace, name string) (*Store, error) {
	kube, err := kubernetes.NewForConfig(cfg)
	if err != nil {
		return nil, err
	}
	objects, err := dynamic.NewForConfig(cfg)
	return &Store{cfg: cfg, kube: kube, objects: objects, namespace: namespace, name: name}, err
}

// Run runs a command of the store's program in its pod. Confidential input goes through stdin, because audit logs contain arguments.
func (s *Store) Run(ctx context.Context, in io.Reader, args ...string) ([]byte, error) {
	pod, err := podOf(ctx, s.kube, s.namespace, resources.StoreName(s.name))
	if err != nil {
		return nil, err
	}
	return s.exec(ctx, pod, in, append([]string{"/store"}, args...))
}

// RunWithPepper runs a command of the ingestion program in a pod of any source of the store, because only those have the pepper.
func (s *Store) RunWithPepper(ctx context.Context, in io.Reader, args ...string) ([]byte, error) {
	list, err := s.objects.Resource(v1alpha1.GroupVersion.WithResource("touchpointsources")).Namespace(s.namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var problems error
	for i := range list.Items {
		source := &list.Items[i]
		spec, _ := source.Object["spec"].(map[string]any)
		ref, _ := spec["storeRef"].(map[string]any)
		if ref["name"] != s.name {
			continue
		}
		pod, err := ingestPod(ctx, s.kube, s.namespace, source.GetName())
		if err == nil {
			return s.exec(ctx, pod, in, append([]string{"/ingest"}, args...))
		}
		problems = errors.Join(problems, err)
	}
	none := fmt.Errorf("no ingestion pod of EventStore %s/%s is running; one is needed, because only they know how identities are written", s.namespace, s.name)
	return nil, errors.Join(none, problems)
}

// exec runs a command in the only container of a pod. The error contains the output of the command.
func (s *Store) exec(ctx context.Context, pod *corev1.Pod, in io.Reader, command []string) ([]byte, error) {
	request := s.kube.CoreV1().RESTClient().Post().Resource("pods").Namespace(s.namespace).Name(pod.Name).SubResource("exec").
		VersionedParams(&corev1.PodExecOptions{Command: command, Stdin: in != nil, Stdout: true, Stderr: true}, scheme.ParameterCodec)
	executor, err := remotecommand.NewSPDYExecutor(s.cfg, "POST", request.URL())
	if err != nil {
		return nil, err
	}
	var out, said bytes.Buffer
	if err := executor.StreamWithContext(ctx, remotecommand.StreamOptions{Stdin: in, Stdout: &out, Stderr: &said}); err != nil {
		if text := strings.TrimSpace(said.String()); text != "" {
			return nil, errors.New(text)
		}
		return nil, fmt.Errorf("pod %s/%s: %w", s.namespace, pod.Name, err)
	}
	return out.Bytes(), nil
}
