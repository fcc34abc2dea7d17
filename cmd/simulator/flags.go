// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/internal/simulator/wire"
	"github.com/journeyman-dev/journeyman/internal/simulator/world"
)

// worldFlags select the world: by parameters, or by files that the command run saved.
type worldFlags struct {
	params world.Params
	now    string
	files  texts
}

// texts is a flag that can be repeated.
type texts []string

func (t *texts) String() string     { return strings.Join(*t, ",") }
func (t *texts) Set(s string) error { *t = append(*t, s); return nil }

func addWorldFlags(f *flag.FlagSet) *worldFlags {
	w := &worldFlags{params: world.Defaults(time.Now())}
	p := &w.params
	f.Uint64Var(&p.Seed, "seed", p.Seed, "seed of all draws")
	f.IntVar(&p.Persons, "persons", p.Persons, "persons in the world")
	f.IntVar(&p.Days, "days", p.Days, "days that the world lasts")
	f.StringVar(&w.now, "now", "", "end of the world, RFC 3339 (default: now)")
	f.DurationVar(&p.Window, "window", p.Window, "window of the map, for draws at the end of a window")
	f.IntVar(&p.IncidentDays, "incident-days", p.IncidentDays, "days before the end since which the mobile checkout is broken; 0 for never")
	f.BoolVar(&p.Clean, "clean", p.Clean, "leave out what senders do wrong: redelivery, wrong clocks, robots, bad requests")
	f.BoolVar(&p.Omnichannel, "omnichannel", p.Omnichannel, "use the systems of config/samples/omnichannel instead of those of config/samples")
	f.Var(&w.files, "world", "file with the parameters of a world, as run --save writes it, instead of the flags; may be repeated")
	return w
}

func (w *worldFlags) one() (*world.World, error) {
	all, err := w.all()
	if err == nil && len(all) != 1 {
		err = fmt.Errorf("%w: give one --world", errUsage)
	}
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

func (w *worldFlags) all() ([]*world.World, error) {
	if len(w.files) == 0 {
		if w.now != "" {
			now, err := time.Parse(time.RFC3339, w.now)
			if err != nil {
				return nil, fmt.Errorf("%w: --now: %w", errUsage, err)
			}
			w.params.Now = now.UTC()
		}
		one, err := world.New(w.params)
		return []*world.World{one}, err
	}
	var out []*world.World
	for _, file := range w.files {
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var p world.Params
		if err := json.Unmarshal(raw, &p); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		one, err := world.New(p)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		out = append(out, one)
	}
	return out, nil
}

// sendFlags are the endpoints of the sources and their secrets.
type sendFlags struct {
	namespace, pattern, secrets, ca string
	endpoints                       texts
}

func addSendFlags(f *flag.FlagSet) *sendFlags {
	s := &sendFlags{}
	f.StringVar(&s.namespace, "namespace", "", "namespace of the sources; they are reached by their Services")
	f.StringVar(&s.pattern, "endpoint-pattern", "", `URL of all sources, with {source} and {namespace} in it (default "http://{source}-ingest.{namespace}.svc")`)
	f.Var(&s.endpoints, "endpoint", "URL of one source, as web=http://127.0.0.1:8080; may be repeated")
	f.StringVar(&s.secrets, "secrets-dir", "",
		"folder with a file for the secret of each source, named like the source (default: the environment, SECRET_WEB, SECRET_CRM_EMAIL, …)")
	f.StringVar(&s.ca, "ca-file", "", "certificates of the authority that sources with spec.tls are recognised by; sources are then sent to by HTTPS")
	return s
}

func (s *sendFlags) read(sources []world.Source) (map[world.Source]wire.Endpoint, error) {
	given := map[string]string{}
	for _, e := range s.endpoints {
		source, u, ok := strings.Cut(e, "=")
		if !ok {
			return nil, fmt.Errorf("%w: --endpoint %s: write source=url", errUsage, e)
		}
		given[source] = u
	}
	pattern := s.pattern
	if pattern == "" && s.namespace != "" {
		pattern = "http://{source}-ingest.{namespace}.svc"
		if s.ca != "" {
			pattern = "https://{source}-ingest.{namespace}.svc"
		}
	}
	out := map[world.Source]wire.Endpoint{}
	for _, source := range sources {
		u := given[string(source)]
		if u == "" {
			u = strings.NewReplacer("{source}", string(source), "{namespace}", s.namespace).Replace(pattern)
		}
		if err := near(u); err != nil {
			return nil, fmt.Errorf("%w: the endpoint of %s: %w", errUsage, source, err)
		}
		secret, err := s.secret(source)
		if err != nil {
			return nil, err
		}
		out[source] = wire.Endpoint{URL: u, Secret: secret}
	}
	return out, nil
}

// client returns an HTTP client that keeps a connection for each worker.
func (s *sendFlags) client(workers int, timeout time.Duration) (*http.Client, error) {
	transport := &http.Transport{MaxIdleConnsPerHost: workers, MaxIdleConns: 0, IdleConnTimeout: time.Minute}
	if s.ca != "" {
		text, err := os.ReadFile(s.ca)
		if err != nil {
			return nil, err
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("--ca-file: %s has no certificate", s.ca)
		}
		transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool}
	}
	return &http.Client{Timeout: timeout, Transport: transport}, nil
}

// near refuses addresses outside this machine, private networks and the cluster, so that simulated customers are never sent to a real system.
func near(raw string) error {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("%q is not a URL; use --namespace, --endpoint-pattern or --endpoint", raw)
	}
	host := u.Hostname()
	if ip := net.ParseIP(host); ip != nil {
		if ip.IsLoopback() || ip.IsPrivate() {
			return nil
		}
		return fmt.Errorf("%s is neither a loopback nor a private address", host)
	}
	if host == "localhost" || !strings.Contains(host, ".") || strings.HasSuffix(host, ".svc") || strings.HasSuffix(host, ".svc.cluster.local") {
		return nil
	}
	return fmt.Errorf("%s is not inside the cluster", host)
}

func (s *sendFlags) secret(source world.Source) (string, error) {
	name := "SECRET_" + strings.ToUpper(strings.ReplaceAll(string(source), "-", "_"))
	if s.secrets == "" {
		secret := os.Getenv(name)
		if secret == "" {
			return "", fmt.Errorf("%w: the secret of %s is missing: set %s, or use --secrets-dir", errUsage, source, name)
		}
		return secret, nil
	}
	raw, err := os.ReadFile(filepath.Join(s.secrets, string(source)))
	if err != nil {
		return "", err
	}
	first, _, _ := strings.Cut(strings.TrimSpace(string(raw)), "\n")
	return strings.TrimSpace(first), nil
}
