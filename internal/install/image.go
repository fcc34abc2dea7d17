// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package install knows how the operator itself is installed: its Deployment, by the name that config/manager gives it.
package install

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	// Deployment is the name of the operator's Deployment.
	Deployment = "journeyman-operator"
	// Container is the name of the operator's container in it.
	Container = "operator"
)

// Image gives the image that the operator's own Deployment in a namespace asks for. Children get it when no other is named: kustomize,
// "kubectl set image" and registries' mirrors change a container's image, and no environment variable that repeats it.
func Image(ctx context.Context, c client.Reader, namespace string) (string, error) {
	var deployment appsv1.Deployment
	if err := c.Get(ctx, client.ObjectKey{Namespace: namespace, Name: Deployment}, &deployment); err != nil {
		return "", fmt.Errorf("read the operator's own Deployment to learn its image (--image names one instead): %w", err)
	}
	for _, container := range deployment.Spec.Template.Spec.Containers {
		if container.Name == Container && container.Image != "" {
			return container.Image, nil
		}
	}
	return "", fmt.Errorf("deployment %s/%s has no container %q: name an image with --image", namespace, Deployment, Container)
}
