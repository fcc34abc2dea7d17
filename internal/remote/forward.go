// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/transport/spdy"
)

// forward is a local port that is forwarded to a pod.
type forward struct {
	port uint16
	stop chan struct{}
	done chan error
}

// close ends the forwarding and returns its error.
func (f *forward) close() error {
	close(f.stop)
	return <-f.done
}

// forwardTo forwards a free local port to the pod behind a Service of the cluster, given its URL.
func forwardTo(ctx context.Context, cfg *rest.Config, kube kubernetes.Interface, namespace string, service *url.URL) (*forward, error) {
	name, _, _ := strings.Cut(service.Hostname(), ".")
	pod, err := podOf(ctx, kube, namespace, name)
	if err != nil {
		return nil, err
	}
	to := kube.CoreV1().RESTClient().Post().Resource("pods").Namespace(namespace).Name(pod.Name).SubResource("portforward").URL()
	transport, upgrader, err := spdy.RoundTripperFor(cfg)
	if err != nil {
		return nil, err
	}
	dialer := spdy.NewDialer(upgrader, &http.Client{Transport: transport}, http.MethodPost, to)
	f := &forward{stop: make(chan struct{}), done: make(chan error, 1)}
	ready := make(chan struct{})
	forwarder, err := portforward.NewOnAddresses(dialer, []string{"127.0.0.1"}, []string{":" + service.Port()}, f.stop, ready, io.Discard, io.Discard)
	if err != nil {
		return nil, err
	}
	go func() { f.done <- forwarder.ForwardPorts() }()
	select {
	case <-ready:
	case err := <-f.done:
		return nil, fmt.Errorf("port of pod %s/%s: %w", namespace, pod.Name, err)
	case <-ctx.Done():
		return nil, errors.Join(context.Cause(ctx), f.close())
	}
	ports, err := forwarder.GetPorts()
	if err != nil {
		return nil, errors.Join(err, f.close())
	}
	f.port = ports[0].Local
	return f, nil
}
