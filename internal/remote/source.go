// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/remotecommand"

	"github.com/journeyman-dev/journeyman/internal/resources"
)

// Source runs commands in the pods of a TouchpointSource, by exec.
type Source struct {
	cfg             *rest.Config
	kube            kubernetes.Interface
	namespace, name string
}

// NewSource returns a source by its name.
func NewSource(cfg *rest.Config, namespace, name string) (*Source, error) {
	kube, err := kubernetes.NewForConfig(cfg)
	return &Source{cfg: cfg, kube: kube, namespace: namespace, name: name}, err
}

// Run runs the program of a pod with arguments until it ends. What the program writes to stderr is the error. in must end when the program does.
func (s *Source) Run(ctx context.Context, in io.Reader, out io.Writer, args ...string) error {
	pod, err := ingestPod(ctx, s.kube, s.namespace, s.name)
	if err != nil {
		return err
	}
	request := s.kube.CoreV1().RESTClient().Post().Resource("pods").Namespace(s.namespace).Name(pod.Name).SubResource("exec").
		VersionedParams(&corev1.PodExecOptions{
			Container: resources.ComponentIngest, Command: append([]string{"/ingest"}, args...), Stdin: true, Stdout: true, Stderr: true,
		}, scheme.ParameterCodec)
	executor, err := remotecommand.NewSPDYExecutor(s.cfg, "POST", request.URL())
	if err != nil {
		return err
	}
	var said strings.Builder
	err = executor.StreamWithContext(ctx, remotecommand.StreamOptions{Stdin: in, Stdout: out, Stderr: &said})
	if text := strings.TrimSpace(said.String()); err != nil && text != "" {
		return errors.New(text)
	}
	if err != nil {
		return fmt.Errorf("pod %s/%s: %w", s.namespace, pod.Name, err)
	}
	return nil
}

// ingestPod returns a pod of a source that runs: one that is ready if there is one. Sources that receive no requests have no Service.
func ingestPod(ctx context.Context, kube kubernetes.Interface, namespace, source string) (*corev1.Pod, error) {
	list, err := kube.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{LabelSelector: labels.SelectorFromSet(resources.IngestLabels(source)).String()})
	if err != nil {
		return nil, err
	}
	var found *corev1.Pod
	for i := range list.Items {
		p := &list.Items[i]
		if p.Status.Phase != corev1.PodRunning || p.DeletionTimestamp != nil {
			continue
		}
		if found = p; ready(p) {
			break
		}
	}
	if found == nil {
		return nil, fmt.Errorf("no pod of TouchpointSource %s/%s is running: see kubectl -n %s describe tps %s", namespace, source, namespace, source)
	}
	return found, nil
}

func ready(p *corev1.Pod) bool {
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.PodReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}
