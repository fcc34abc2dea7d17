// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package pipeline

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/egress"
	"github.com/journeyman-dev/journeyman/internal/followup"
	"github.com/journeyman-dev/journeyman/internal/ingest/batch"
	"github.com/journeyman-dev/journeyman/internal/mapping"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/privacy"
	"github.com/journeyman-dev/journeyman/internal/pull"
	pullers "github.com/journeyman-dev/journeyman/internal/pull/registry"
	"github.com/journeyman-dev/journeyman/internal/store"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/transport/registry"
)

const (
	// DefaultRate is the default limit of events per second.
	DefaultRate = 5000
	// defaultMaxBody is the default limit of a body after decompression.
	defaultMaxBody = 1 << 20
)

// Snapshot is one state of the files; a request uses the snapshot that is current when it starts.
type Snapshot struct {
	// Config is the document, Transport the transport that it defines; nil if the source receives no requests.
	Config    *podconfig.Ingest
	Transport transport.Transport
	// Kind is the name of the transport.
	Kind string
	// Puller is the kind of reader of a source that fetches its documents, and Files are what it reads from Secrets and ConfigMaps.
	Puller pull.Kind
	Files  map[string][]byte
	// Rules are nil if there are none.
	Rules *mapping.Program
	// Hasher is nil if nothing is hashed. PepperMissing is set if something has to be hashed but there is no pepper.
	Hasher        *privacy.Hasher
	nobody        *privacy.Placeholders
	PepperMissing bool
	// Appender stores the events.
	Appender store.Appender
	// Problem with a Secret, or empty. It does not contain the Secret.
	Problem string
	// Certificate for senders; nil without TLS, and as long as there is none.
	Certificate *tls.Certificate
	// Missing Secrets, for the report to the store: the machine-readable form of Problem.
	Missing []store.MissingSecret

	// MaxBody is the size of a body after decompression, in bytes; Rate the number of events per second.
	MaxBody int64
	Rate    float64
	// Prefix of the paths of the source. Drop lists the fields to remove.
	Prefix string
	Drop   DropList
	// Observer sees what becomes of requests; nil in a pod.
	Observer Observer
	// Proxies are the networks of trustedProxies.
	Proxies []netip.Prefix
	// guard of the connections that are opened for the source.
	guard *egress.Guard
	// FollowUp reads the records of notifications; nil if they are complete. APISecretMissing is set if it cannot, for lack of a secret.
	FollowUp         *followup.Reader
	APISecretMissing bool
}

// Public reports whether anybody can send to the source.
func (s *Snapshot) Public() bool { return s.Config.Source.EffectiveTrust() == v1alpha1.Public }

// Target returns the destination of the source's events, with the trust in the source according to its spec.
func (s *Snapshot) Target() batch.Target {
	return batch.Target{Source: s.Config.Name, Store: s.Appender, Trust: &store.Trust{
		Public: s.Public(), UID: s.Config.UID, Generation: s.Config.Generation,
	}}
}

// Suspended reports whether the source refuses all requests.
func (s *Snapshot) Suspended() bool {
	return s.Config.Source.Suspend != nil && *s.Config.Source.Suspend
}

// ParseConfig parses the document, and refuses one that this program does not support.
func ParseConfig(raw []byte) (*podconfig.Ingest, error) {
	var c podconfig.Ingest
	if err := podconfig.Decode(podconfig.File, raw, &c); err != nil {
		return nil, err
	}
	switch {
	case c.Namespace == "" || c.Name == "":
		return nil, errors.New(podconfig.File + " names no source")
	case c.Store.URL == "":
		return nil, errors.New(podconfig.File + " names no store")
	}
	return &c, nil
}

// Secrets are the contents of the users' Secrets and ConfigMaps. What is missing is nil, or has no entry.
type Secrets struct {
	// Secret verifies senders, Challenge is the token of a challenge, and Pepper is for hashing.
	Secret, Challenge, Pepper []byte
	// API is the secret of the API that follow-up reads use.
	API []byte
	// Files are what a transport needs to fetch documents, by path; see podconfig.TransportFiles.
	Files map[string][]byte
}

// Build returns a snapshot.
func Build(c *podconfig.Ingest, secrets Secrets, appender store.Appender) (*Snapshot, error) {
	s := &Snapshot{
		Config: c, Appender: appender, Files: secrets.Files, MaxBody: defaultMaxBody, Rate: DefaultRate,
		Prefix: "/" + c.Namespace + "/" + c.Name, Drop: NewDropList(c.Source.DropFields),
	}
	for _, text := range c.Source.TrustedProxies {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("trustedProxies: %q is not a network such as 10.0.0.0/8", text)
		}
		s.Proxies = append(s.Proxies, p.Masked())
	}
	if l := c.Source.Limits; l != nil {
		if l.MaxBodySize != nil {
			s.MaxBody = l.MaxBodySize.Value()
		}
		if l.MaxEventsPerSecond != nil {
			s.Rate = float64(*l.MaxEventsPerSecond)
		}
	}
	if len(c.Source.Mapping) > 0 {
		rules, err := mapping.Compile(c.Source.Mapping, c.RulePaths...)
		if err != nil {
			return nil, err
		}
		s.Rules = rules
	}
	var err error
	if s.guard, err = guardOf(c); err != nil {
		return nil, err
	}
	if err := s.setTransport(secrets); err != nil {
		return nil, err
	}
	if err := s.setFollowUp(secrets.API); err != nil {
		return nil, err
	}
	s.SetHasher(secrets.Pepper)
	s.SetNobody(c.Placeholders)
	return s, nil
}

// SetNobody sets the placeholders of the EventStore, in addition to the built-in ones.
func (s *Snapshot) SetNobody(words []v1alpha1.Placeholder) {
	own := make([]string, len(words))
	for i, w := range words {
		own[i] = string(w)
	}
	s.nobody = privacy.NewPlaceholders(own)
}

// setTransport creates the transport. A Secret that cannot be used counts as missing: nothing is accepted.
func (s *Snapshot) setTransport(secrets Secrets) error {
	if kind, ok := pullers.Of(&s.Config.Source.Transport); ok {
		return s.setPuller(kind)
	}
	if s.Config.Source.Transport.Waits() {
		s.Kind, _ = s.Config.Source.Transport.Chosen()
		return nil
	}
	kind, err := registry.Of(&s.Config.Source.Transport)
	if err != nil {
		return err
	}
	s.Kind = kind.Name
	settings := transport.Settings{Spec: &s.Config.Source, Secrets: lines(secrets.Secret), ChallengeTokens: lines(secrets.Challenge)}
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
	s.checkChallenge(settings.ChallengeTokens)
	return err
}

// checkChallenge reports a Secret without the token of a challenge: the sender's test of the endpoint would fail, and nobody would know why.
func (s *Snapshot) checkChallenge(tokens []string) {
	key := ChallengeFile(s.Config)
	if key == "" || len(tokens) > 0 {
		return
	}
	_, ref := s.Config.Source.Transport.Chosen()
	if s.Problem == "" {
		s.Problem = fmt.Sprintf("the Secret %s with the key %s, for the handshake of the sender, is missing or empty", ref.Name, key)
	}
	s.lacks(store.SecretForHandshake, ref.Name, key, missingOrEmpty)
}

// missingOrEmpty is all that a pod can see: the file is missing, or has no line.
const missingOrEmpty = "the Secret or its key is missing or empty"

// lacks records a Secret for the report.
func (s *Snapshot) lacks(what, name, key, problem string) {
	s.Missing = append(s.Missing, store.MissingSecret{For: what, Name: name, Key: key, Problem: batch.Shorten(problem)})
}

// SetHasher creates the hasher from the peppers of a Secret, the current one first.
func (s *Snapshot) SetHasher(pepper []byte) {
	p := s.Config.Privacy
	if p == nil || len(p.Hash) == 0 {
		return
	}
	peppers := lines(pepper)
	if len(peppers) == 0 {
		s.PepperMissing = true
		s.Problem = "the Secret with the pepper for hashing is missing or empty"
		if p.PepperSecretRef != nil {
			s.lacks(store.SecretForHashing, p.PepperSecretRef.Name, PepperFile(s.Config), missingOrEmpty)
		}
		return
	}
	keys := make([][]byte, len(peppers))
	for i, k := range peppers {
		keys[i] = []byte(k)
	}
	s.Hasher = privacy.NewHasher(p.Hash, keys)
}

// SecretFile returns the name of the file with the Secret for verification, or an empty text.
func SecretFile(c *podconfig.Ingest) string {
	if _, ref := c.Source.Transport.Chosen(); ref != nil {
		return ref.KeyOr(v1alpha1.DefaultSecretKey)
	}
	return ""
}

// APIFile returns the name of the file with the secret of the API for follow-up reads, or an empty text.
func APIFile(c *podconfig.Ingest) string { return c.Source.Transport.APIKey() }

// ChallengeFile returns the name of the file with the token of a challenge, or an empty text.
func ChallengeFile(c *podconfig.Ingest) string { return c.Source.Transport.ChallengeKey() }

// PepperFile returns the name of the file with the pepper.
func PepperFile(c *podconfig.Ingest) string {
	if c.Privacy == nil || c.Privacy.PepperSecretRef == nil {
		return ""
	}
	return c.Privacy.PepperSecretRef.KeyOr(v1alpha1.DefaultPepperKey)
}

// lines returns the nonempty lines of a Secret, trimmed.
func lines(b []byte) []string {
	var out []string
	for line := range bytes.Lines(b) {
		if s := strings.TrimSpace(string(line)); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// SetCertificate uses the certificate in the files. While they are invalid, the previous certificate stays in use.
func (s *Snapshot) SetCertificate(cert, key []byte, before *Snapshot) {
	problem, file := missingOrEmpty, podconfig.TLSCertFile
	switch {
	case len(cert) == 0:
	case len(key) == 0:
		file = podconfig.TLSKeyFile
	default:
		pair, err := tls.X509KeyPair(cert, key)
		if err == nil {
			s.Certificate = &pair
			return
		}
		problem = err.Error()
	}
	if before != nil {
		s.Certificate = before.Certificate
	}
	if ref := s.Config.Source.TLS; ref != nil {
		if s.Problem == "" {
			s.Problem = "the certificate of the Secret " + ref.SecretRef.Name + ", key " + file + ": " + problem
		}
		s.lacks(store.SecretForTLS, ref.SecretRef.Name, file, problem)
	}
}
