// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/mapping"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/privacy"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/transport/registry"
)

// defaultRate is the highest rate of events a second where the source says nothing.
const defaultRate = 5000

// Snapshot is everything that one state of the files says; requests use the one that is current when they begin.
type Snapshot struct {
	Config    *podconfig.Ingest
	Transport transport.Transport
	// Kind is the name of the transport.
	Kind string
	// Rules are nil when there are none.
	Rules *mapping.Program
	// Hasher is nil when nothing is hashed. PepperMissing says that something should be, but there is no pepper.
	Hasher        *privacy.Hasher
	nobody        *privacy.Placeholders
	PepperMissing bool
	// Appender takes the events.
	Appender store.Appender
	// Problem with a Secret; empty when there is none. It does not show the Secret.
	Problem string
	// Certificate that senders see; nil where they are served without TLS, and while there is none.
	Certificate *tls.Certificate
	// Missing Secrets, for the report to the store: the same in a form for programs.
	Missing []store.MissingSecret

	maxBody int64
	rate    float64
	prefix  string
	drop    dropList
	// proxies are the networks of trustedProxies.
	proxies []netip.Prefix
}

// trust in the source, as this state of its spec says.
func (s *Snapshot) trust() *store.Trust {
	return &store.Trust{Public: s.Config.Source.EffectiveTrust() == v1alpha1.Public, UID: s.Config.UID, Generation: s.Config.Generation}
}

// suspended says that the source turns every request away.
func (s *Snapshot) suspended() bool {
	return s.Config.Source.Suspend != nil && *s.Config.Source.Suspend
}

// parseConfig reads the document and refuses what this program does not understand.
func parseConfig(raw []byte) (*podconfig.Ingest, error) {
	var c podconfig.Ingest
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, fmt.Errorf("%s is no valid document: %w", podconfig.File, err)
	}
	switch {
	case c.Version != podconfig.Version:
		return nil, fmt.Errorf("%s has version %d, this program knows version %d", podconfig.File, c.Version, podconfig.Version)
	case c.Namespace == "" || c.Name == "":
		return nil, errors.New(podconfig.File + " names no source")
	case c.Store.URL == "":
		return nil, errors.New(podconfig.File + " names no store")
	}
	return &c, nil
}

// build makes a snapshot. secret and pepper are the contents of the users' Secrets, nil when they are missing.
func build(c *podconfig.Ingest, secret, pepper []byte, appender store.Appender) (*Snapshot, error) {
	s := &Snapshot{
		Config: c, Appender: appender, maxBody: defaultMaxBody, rate: defaultRate,
		prefix: "/" + c.Namespace + "/" + c.Name, drop: newDropList(c.Source.Drop),
	}
	for _, text := range c.Source.TrustedProxies {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("trustedProxies: %q is no network such as 10.0.0.0/8", text)
		}
		s.proxies = append(s.proxies, p.Masked())
	}
	if l := c.Source.Limits; l != nil {
		if l.MaxBodySize != nil {
			s.maxBody = l.MaxBodySize.Value()
		}
		if l.MaxEventsPerSecond != nil {
			s.rate = float64(*l.MaxEventsPerSecond)
		}
	}
	if len(c.Source.Mapping) > 0 {
		rules, err := mapping.Compile(c.Source.Mapping)
		if err != nil {
			return nil, err
		}
		s.Rules = rules
	}
	if err := s.setTransport(secret); err != nil {
		return nil, err
	}
	s.setHasher(pepper)
	s.setNobody(c.Placeholders)
	return s, nil
}

func (s *Snapshot) setNobody(words []v1alpha1.Placeholder) {
	own := make([]string, len(words))
	for i, w := range words {
		own[i] = string(w)
	}
	s.nobody = privacy.NewPlaceholders(own)
}

// setTransport makes the transport. A Secret that cannot be used counts as a missing one: nothing is accepted.
func (s *Snapshot) setTransport(secret []byte) error {
	kind, err := registry.Of(&s.Config.Source.Transport)
	if err != nil {
		return err
	}
	s.Kind = kind.Name
	settings := transport.Settings{Spec: &s.Config.Source, Secrets: lines(secret)}
	s.Transport, err = kind.New(settings)
	if err != nil && len(settings.Secrets) > 0 {
		s.Problem = err.Error()
		settings.Secrets = nil
		s.Transport, err = kind.New(settings)
	}
	if _, ref := s.Config.Source.Transport.Chosen(); ref != nil && len(settings.Secrets) == 0 {
		name, key, problem := ref.Name, ref.KeyOr(v1alpha1.DefaultSecretKey), s.Problem
		if problem == "" {
			problem, s.Problem = missingOrEmpty, fmt.Sprintf("the Secret %s with the key %s is missing or empty", name, key)
		}
		s.lacks(store.SecretForSenders, name, key, problem)
	}
	return err
}

// missingOrEmpty is all that a pod sees: a file that is not there, or without a line.
const missingOrEmpty = "the Secret or its key is missing or empty"

// lacks notes a Secret for the report.
func (s *Snapshot) lacks(what, name, key, problem string) {
	s.Missing = append(s.Missing, store.MissingSecret{For: what, Name: name, Key: key, Problem: shorten(problem)})
}

func (s *Snapshot) setHasher(pepper []byte) {
	p := s.Config.Privacy
	if p == nil || len(p.Hash) == 0 {
		return
	}
	peppers := lines(pepper)
	if len(peppers) == 0 {
		s.PepperMissing = true
		s.Problem = "the Secret with the pepper for hashing is missing or empty"
		if p.PepperSecretRef != nil {
			s.lacks(store.SecretForHashing, p.PepperSecretRef.Name, pepperFile(s.Config), missingOrEmpty)
		}
		return
	}
	keys := make([][]byte, len(peppers))
	for i, k := range peppers {
		keys[i] = []byte(k)
	}
	s.Hasher = privacy.NewHasher(p.Hash, keys)
}

// secretFile and pepperFile are the names of the files with the users' Secrets; empty when there is none.
func secretFile(c *podconfig.Ingest) string {
	if _, ref := c.Source.Transport.Chosen(); ref != nil {
		return ref.KeyOr(v1alpha1.DefaultSecretKey)
	}
	return ""
}

func pepperFile(c *podconfig.Ingest) string {
	if c.Privacy == nil || c.Privacy.PepperSecretRef == nil {
		return ""
	}
	return c.Privacy.PepperSecretRef.KeyOr(v1alpha1.DefaultPepperKey)
}

// lines of a Secret that are not empty, without surrounding space.
func lines(b []byte) []string {
	var out []string
	for line := range bytes.Lines(b) {
		if s := strings.TrimSpace(string(line)); s != "" {
			out = append(out, s)
		}
	}
	return out
}
