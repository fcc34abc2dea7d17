// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// account is where a pod finds its token and the API server's CA.
const account = "/var/run/secrets/kubernetes.io/serviceaccount"

// lookEvery is the time between two looks at the map.
const lookEvery = time.Second

// api is the API server, spoken to in plain HTTP: the simulator needs two calls of it, and a client library is larger than the rest of the program.
type api struct {
	url, token string
	client     *http.Client
}

func inCluster() (*api, error) {
	host, port := os.Getenv("KUBERNETES_SERVICE_HOST"), os.Getenv("KUBERNETES_SERVICE_PORT")
	if host == "" || port == "" {
		return nil, errors.New("this is no pod of a cluster: use --map=")
	}
	token, err := os.ReadFile(filepath.Join(account, "token"))
	if err != nil {
		return nil, err
	}
	ca, err := os.ReadFile(filepath.Join(account, "ca.crt"))
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	return &api{
		url: "https://" + net.JoinHostPort(host, port), token: strings.TrimSpace(string(token)),
		client: &http.Client{Timeout: 20 * time.Second, Transport: transport},
	}, nil
}

// do sends a request about a map and reads the map from the answer.
func (a *api) do(ctx context.Context, method, namespace, name string, patch any) (*v1alpha1.JourneyMap, error) {
	var body io.Reader
	if patch != nil {
		raw, err := json.Marshal(patch)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(raw)
	}
	url := fmt.Sprintf("%s/apis/journeyman.dev/v1alpha1/namespaces/%s/journeymaps/%s", a.url, namespace, name)
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+a.token)
	req.Header.Set("Content-Type", "application/merge-patch+json")
	response, err := a.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, 4<<20))
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s JourneyMap %s/%s: %s", method, namespace, name, response.Status)
	}
	m := &v1alpha1.JourneyMap{}
	return m, json.Unmarshal(text, m)
}

// Analyse has a map analysed at once, from inside of a pod that may do so, and waits for the results of a run that has seen the request: the
// schedule may have begun one before all events were there.
func Analyse(ctx context.Context, namespace, name string) (*v1alpha1.JourneySummary, error) {
	a, err := inCluster()
	if err != nil {
		return nil, err
	}
	return a.analyse(ctx, namespace, name)
}

func (a *api) analyse(ctx context.Context, namespace, name string) (*v1alpha1.JourneySummary, error) {
	asked := time.Now().UTC().Format(time.RFC3339Nano) // nobody else's
	patch := map[string]any{"metadata": map[string]any{"annotations": map[string]string{v1alpha1.RunAtAnnotation: asked}}}
	if _, err := a.do(ctx, http.MethodPatch, namespace, name, patch); err != nil {
		return nil, err
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		m, err := a.do(ctx, http.MethodGet, namespace, name, nil)
		if err == nil && answers(m, asked) && m.Status.Summary != nil && m.Status.Summary.Display != nil {
			return m.Status.Summary, nil
		}
		if err == nil {
			err = unanswered(m, asked)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for the results of JourneyMap %s: %w", name, err)
		case <-tick.C:
		}
	}
}

// answers says whether the results of a map are of a run that has seen the request.
func answers(m *v1alpha1.JourneyMap, asked string) bool {
	record := m.Status.Trace.Analysis
	return record != nil && record.HandledRunAt == asked
}

// unanswered says what is known of the run that was asked for while it has no results.
func unanswered(m *v1alpha1.JourneyMap, asked string) error {
	if last := m.Status.Trace.LastRun; last != nil && last.HandledRunAt == asked && last.Error != "" {
		return fmt.Errorf("the run that was asked for failed: Job %s: %s", last.Job, last.Error)
	}
	return errors.New("no run that has seen the request has ended")
}
