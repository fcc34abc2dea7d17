// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/internal/sample"
)

// sendSample implements "operator sample": it sends the sample events to the sources of config/samples in a namespace, and prints the results of the
// sample map.
func sendSample(ctx context.Context, args []string, out io.Writer) error {
	set := flag.NewFlagSet("operator sample", flag.ContinueOnError)
	namespace := set.String("namespace", os.Getenv("POD_NAMESPACE"), "namespace of the sources; default: env POD_NAMESPACE")
	keys := set.String("secrets-dir", "", "folder with a file for the key of each source, named like the source")
	ca := set.String("ca-file", "", "certificates of the authority of sources with spec.tls; sends by HTTPS")
	name := set.String("map", "omnichannel-retail", "JourneyMap to analyse")
	timeout := set.Duration("timeout", 9*time.Minute, "how long sources and analysis may take")
	if err := set.Parse(args); err != nil {
		return err
	}
	endpoints, err := sampleEndpoints(*namespace, *keys, *ca != "")
	if err != nil {
		return err
	}
	sender, err := sampleClient(*ca)
	if err != nil {
		return err
	}
	c, err := apiClient()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()
	s := &sample.Sender{Endpoints: endpoints, Client: sender, Pause: time.Second, Now: time.Now}
	events, err := s.Send(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d events were accepted by %d sources.\n", events, len(endpoints))
	summary, err := sample.Analyse(ctx, c, *namespace, *name)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "JourneyMap %s: %d customers, %s converted; most are lost after the stage %s: %s\n",
		*name, summary.Customers, summary.Display.Conversion, summary.WorstStage, summary.Display.DropOff)
	return nil
}

// sampleEndpoints returns the Services of the sources with their keys. The first line of a key file is the newest key.
func sampleEndpoints(namespace, keys string, encrypted bool) (map[string]sample.Endpoint, error) {
	scheme := "http"
	if encrypted {
		scheme = "https"
	}
	out := map[string]sample.Endpoint{}
	for _, source := range sample.Sources() {
		text, err := os.ReadFile(filepath.Join(keys, source))
		if err != nil {
			return nil, fmt.Errorf("read the key of the source %s, see --secrets-dir: %w", source, err)
		}
		key, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
		out[source] = sample.Endpoint{URL: scheme + "://" + source + "-ingest." + namespace + ".svc", Key: strings.TrimSpace(key)}
	}
	return out, nil
}

func sampleClient(ca string) (*http.Client, error) {
	transport := &http.Transport{}
	if ca != "" {
		text, err := os.ReadFile(ca)
		if err != nil {
			return nil, fmt.Errorf("--ca-file: %w", err)
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("--ca-file: %s has no certificate", ca)
		}
		transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool}
	}
	return &http.Client{Timeout: 30 * time.Second, Transport: transport}, nil
}
