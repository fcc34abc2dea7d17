// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// push pushes the single index or image of a layout to a registry, unchanged, and prints its name with the digest.
func push(ctx context.Context, archive, to string, plain bool) error {
	var insecure []name.Option
	if plain {
		insecure = append(insecure, name.Insecure)
	}
	ref, err := name.ParseReference(to, insecure...)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "layout")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := unpack(archive, dir); err != nil {
		return err
	}
	outer, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		return err
	}
	manifest, err := outer.IndexManifest()
	if err != nil {
		return err
	}
	if len(manifest.Manifests) != 1 {
		return fmt.Errorf("%s has %d images, not one", archive, len(manifest.Manifests))
	}
	one := manifest.Manifests[0]
	options := []remote.Option{remote.WithContext(ctx), remote.WithAuthFromKeychain(authn.DefaultKeychain)}
	if one.MediaType.IsIndex() {
		index, err := outer.ImageIndex(one.Digest)
		if err != nil {
			return err
		}
		err = remote.WriteIndex(ref, index, options...)
		if err != nil {
			return err
		}
	} else {
		image, err := outer.Image(one.Digest)
		if err != nil {
			return err
		}
		if err := remote.Write(ref, image, options...); err != nil {
			return err
		}
	}
	fmt.Printf("%s@%s\n", ref.Context().Name(), one.Digest)
	return nil
}

// serveRegistry starts an in-memory registry on loopback, and returns its address. It runs until stop or the end of the program.
func serveRegistry(ctx context.Context) (address string, stop func(), err error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	quiet := registry.Logger(log.New(io.Discard, "", 0))
	server := &http.Server{Handler: registry.New(quiet), ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	return listener.Addr().String(), func() { _ = server.Close() }, nil
}
