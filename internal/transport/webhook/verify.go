// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package webhook

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // some senders sign with HMAC-SHA-1 and nothing better; as an HMAC it still holds
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
)

// defaultTolerance is the default maximum age of a signed request.
const defaultTolerance = 5 * time.Minute

// maxSignatures is the number of signatures of a request. More would only cost CPU time.
const maxSignatures = 16

var algorithms = map[v1alpha1.HMACAlgorithm]func() hash.Hash{
	"": sha256.New, "SHA1": sha1.New, "SHA256": sha256.New, "SHA512": sha512.New,
}

// verifier verifies signatures according to a recipe.
type verifier struct {
	recipe    *v1alpha1.HMACRecipe
	publicURL string
	// signsURL and signsForm are set if the recipe has these parts.
	signsURL, signsForm bool
	newHash             func() hash.Hash
	keys                [][]byte
	tolerance           time.Duration
}

func newVerifier(w *v1alpha1.WebhookTransport, secrets []string) (*verifier, error) {
	v := &verifier{
		recipe: w.HMAC, publicURL: w.PublicURL, newHash: algorithms[w.HMAC.Algorithm],
		tolerance: w.HMAC.Tolerance.Or(defaultTolerance),
	}
	if v.newHash == nil {
		return nil, fmt.Errorf("transport.webhook.hmac.algorithm: %q is not known; use SHA1, SHA256 or SHA512", w.HMAC.Algorithm)
	}
	for _, p := range w.HMAC.SignedContent {
		v.signsURL, v.signsForm = v.signsURL || p.URL != nil, v.signsForm || p.Form != nil
	}
	for i, s := range secrets {
		k, err := decodeKey(s, w.HMAC.KeyEncoding)
		if err != nil {
			return nil, fmt.Errorf("line %d of the Secret %s: %w", i+1, w.SecretRef.Name, err)
		}
		if len(k) > 0 {
			v.keys = append(v.keys, k)
		}
	}
	return v, nil
}

// decodeKey decodes one line of the Secret. Keys in Base64 can have the prefix of Standard Webhooks.
func decodeKey(s string, encoding v1alpha1.KeyEncoding) ([]byte, error) {
	var key []byte
	var err error
	switch encoding {
	case "Hex":
		key, err = hex.DecodeString(s)
	case "Base64":
		key, err = decodeBase64(strings.TrimPrefix(s, "whsec_"))
	default:
		key = []byte(s)
	}
	if err != nil {
		// The decoder's own error would contain part of the secret.
		return nil, fmt.Errorf("the secret is not encoded in %s, as keyEncoding requires", encoding)
	}
	return key, nil
}

func decodeBase64(s string) ([]byte, error) {
	s = strings.TrimRight(s, "=")
	if strings.ContainsAny(s, "-_") {
		return base64.RawURLEncoding.DecodeString(s)
	}
	return base64.RawStdEncoding.DecodeString(s)
}

// verify refuses requests without a signature, with a wrong one, or with an old one.
func (v *verifier) verify(m *message) *reject.Rejection {
	if len(v.keys) == 0 {
		return transport.NoSecret("signing key")
	}
	shown, rejection := v.shown(m)
	if rejection != nil {
		return rejection
	}
	signatures, listed := v.parse(shown)
	stamp := v.timestamp(m.Request, listed)
	if v.recipe.Timestamp != nil && stamp == "" {
		return reject.New(reject.MissingSignature, v.stampField(), "the timestamp of the signature is missing")
	}
	found := false
	for _, url := range v.urls(m) {
		content, rejection := v.content(m, url, stamp)
		if rejection != nil {
			return rejection
		}
		found = v.matches(content, signatures) || found
	}
	if !found || !v.covered(m) {
		return reject.New(reject.BadSignature, v.recipe.Header+v.recipe.FormField,
			"the signature does not match the request: check the secret and the recipe under transport.webhook.hmac")
	}
	return v.fresh(stamp, m.ReceivedAt)
}

// shown returns the text with the signature.
func (v *verifier) shown(m *message) (string, *reject.Rejection) {
	if v.recipe.FormField == "" {
		if s := m.Header.Get(v.recipe.Header); s != "" {
			return s, nil
		}
		return "", reject.New(reject.MissingSignature, v.recipe.Header, "the header with the signature is missing")
	}
	form, rejection := m.form()
	if rejection != nil {
		return "", rejection
	}
	if s := form.Get(v.recipe.FormField); s != "" {
		return s, nil
	}
	return "", reject.New(reject.MissingSignature, v.recipe.FormField, "the field with the signature is missing")
}

// parse returns the signatures of the header as bytes, and for a list of keys and values the first value of each key.
func (v *verifier) parse(header string) (signatures [][]byte, listed map[string]string) {
	var texts []string
	switch v.recipe.Format {
	case "KeyValueList":
		listed = map[string]string{}
		for part := range strings.SplitSeq(header, ",") {
			k, s, ok := strings.Cut(strings.TrimSpace(part), "=")
			if !ok {
				continue
			}
			if k == v.recipe.SignatureKey {
				texts = append(texts, s)
			} else if _, seen := listed[k]; !seen {
				listed[k] = s
			}
		}
	case "SpaceList":
		texts = strings.Fields(header)
	default:
		texts = []string{strings.TrimSpace(header)}
	}
	for _, t := range texts {
		if s, ok := v.decode(t); ok && len(signatures) < maxSignatures {
			signatures = append(signatures, s)
		}
	}
	return signatures, listed
}

func (v *verifier) decode(text string) ([]byte, bool) {
	text, ok := strings.CutPrefix(text, v.recipe.Prefix)
	if !ok {
		return nil, false
	}
	var s []byte
	var err error
	if v.recipe.Encoding == "Base64" {
		s, err = decodeBase64(text)
	} else {
		s, err = hex.DecodeString(text)
	}
	return s, err == nil && len(s) > 0
}

func (v *verifier) matches(content []byte, signatures [][]byte) bool {
	found := false
	for _, k := range v.keys {
		mac := hmac.New(v.newHash, k)
		mac.Write(content)
		want := mac.Sum(nil)
		for _, s := range signatures {
			found = hmac.Equal(want, s) || found
		}
	}
	return found
}

func (v *verifier) timestamp(r *transport.Request, listed map[string]string) string {
	t := v.recipe.Timestamp
	switch {
	case t == nil:
		return ""
	case t.Key != "":
		return listed[t.Key]
	}
	return strings.TrimSpace(r.Header.Get(t.Header))
}

func (v *verifier) stampField() string {
	if v.recipe.Timestamp.Key != "" {
		return v.recipe.Header
	}
	return http.CanonicalHeaderKey(v.recipe.Timestamp.Header)
}

// fresh refuses requests whose timestamp differs from now by more than the tolerance.
func (v *verifier) fresh(stamp string, now time.Time) *reject.Rejection {
	if v.recipe.Timestamp == nil {
		return nil
	}
	sent, err := parseStamp(stamp, v.recipe.Timestamp.Unit)
	if err != nil {
		return reject.New(reject.StaleTimestamp, v.stampField(), "the timestamp is not in the unit of timestamp.unit")
	}
	if age := now.Sub(sent).Abs(); age > v.tolerance {
		return reject.New(reject.StaleTimestamp, v.stampField(),
			fmt.Sprintf("the request was signed more than %s from now: it was delayed or replayed, or a clock is wrong", v.tolerance))
	}
	return nil
}

func parseStamp(s string, unit v1alpha1.TimestampUnit) (time.Time, error) {
	if unit == "RFC3339" {
		return time.Parse(time.RFC3339Nano, s)
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return time.Time{}, err
	}
	if unit == "Milliseconds" {
		return time.UnixMilli(n), nil
	}
	return time.Unix(n, 0), nil
}
