// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package webhook_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/reject"
	"github.com/journeyman-dev/journeyman/internal/transport"
	"github.com/journeyman-dev/journeyman/internal/transport/transporttest"
	"github.com/journeyman-dev/journeyman/internal/transport/webhook"
)

const body = `{"id":"1","type":"order"}`

func mac(h func() hash.Hash, key, content string) []byte {
	m := hmac.New(h, []byte(key))
	m.Write([]byte(content))
	return m.Sum(nil)
}

func spec(r v1alpha1.HMACRecipe) *v1alpha1.TouchpointSourceSpec {
	return &v1alpha1.TouchpointSourceSpec{Transport: v1alpha1.Transport{Webhook: &v1alpha1.WebhookTransport{
		SecretRef: &v1alpha1.SecretKeyReference{Name: "keys"}, HMAC: &r, PublicURL: "https://hooks.example.test/in",
	}}}
}

func decode(t testing.TB, r v1alpha1.HMACRecipe, secrets []string, path string, header ...string) *reject.Rejection {
	t.Helper()
	tr, err := webhook.Kind.New(transport.Settings{Spec: spec(r), Secrets: secrets})
	require.NoError(t, err)
	m := transporttest.Message{Path: path, Body: body, Header: http.Header{"Content-Type": {"application/json"}}}
	for i := 0; i+1 < len(header); i += 2 {
		m.Header.Set(header[i], header[i+1])
	}
	_, rejection := tr.Decode(transporttest.Request(http.MethodPost, m))
	return rejection
}

func parts(p ...any) []v1alpha1.SignedPart {
	out := make([]v1alpha1.SignedPart, len(p))
	for i, x := range p {
		marker := &v1alpha1.SignedPartMarker{}
		switch x {
		case 'b':
			out[i].Body = marker
		case 'u':
			out[i].URL = marker
		case 'm':
			out[i].Method = marker
		case 't':
			out[i].Timestamp = marker
		case 'h':
			out[i].Header = "Webhook-Id"
		default:
			out[i].Literal = x.(string)
		}
	}
	return out
}

func TestRecipes(t *testing.T) {
	stamp := "1795256100" // ten seconds before the suite's now
	b64 := base64.StdEncoding.EncodeToString
	for name, c := range map[string]struct {
		recipe v1alpha1.HMACRecipe
		secret string
		path   string
		header []string
	}{
		"body, hex, the defaults": {v1alpha1.HMACRecipe{Header: "X-Sig"}, "k", "/",
			[]string{"X-Sig", hex.EncodeToString(mac(sha256.New, "k", body))}},
		"body, base64": {v1alpha1.HMACRecipe{Header: "X-Sig", Encoding: "Base64"}, "k", "/",
			[]string{"X-Sig", b64(mac(sha256.New, "k", body))}},
		"SHA-1 with a prefix": {v1alpha1.HMACRecipe{Header: "X-Hub-Signature", Algorithm: "SHA1", Prefix: "sha1="}, "k", "/",
			[]string{"X-Hub-Signature", "sha1=" + hex.EncodeToString(mac(sha1.New, "k", body))}},
		"SHA-512 in capitals": {v1alpha1.HMACRecipe{Header: "X-Sig", Algorithm: "SHA512"}, "k", "/",
			[]string{"X-Sig", strings.ToUpper(hex.EncodeToString(mac(sha512.New, "k", body)))}},
		"key and value list, two signatures": {
			v1alpha1.HMACRecipe{
				Header: "Pay-Signature", Format: "KeyValueList", SignatureKey: "v1",
				Timestamp: &v1alpha1.SignatureTimestamp{Key: "t"}, SignedContent: parts('t', ".", 'b'),
			}, "k", "/",
			[]string{"Pay-Signature", "t=" + stamp + ",v1=00ff,v1=" + hex.EncodeToString(mac(sha256.New, "k", stamp+"."+body)) + ",v0=abc"},
		},
		"standard webhooks": {
			v1alpha1.HMACRecipe{
				Header: "Webhook-Signature", Format: "SpaceList", Prefix: "v1,", Encoding: "Base64", KeyEncoding: "Base64",
				Timestamp: &v1alpha1.SignatureTimestamp{Header: "Webhook-Timestamp"}, SignedContent: parts('h', ".", 't', ".", 'b'),
			}, "whsec_" + b64([]byte("raw key")), "/",
			[]string{
				"Webhook-Id", "msg_1", "Webhook-Timestamp", stamp,
				"Webhook-Signature", "v1,bm8= v2,xx v1," + b64(mac(sha256.New, "raw key", "msg_1."+stamp+"."+body)),
			},
		},
		"method, URL with query, body, milliseconds": {
			v1alpha1.HMACRecipe{
				Header: "X-Sig", Encoding: "Base64", SignedContent: parts('m', 'u', 'b', 't'),
				Timestamp: &v1alpha1.SignatureTimestamp{Header: "X-Time", Unit: "Milliseconds"},
			}, "k", "/?shop=1",
			[]string{"X-Time", stamp + "000", "X-Sig", b64(mac(sha256.New, "k", "POSThttps://hooks.example.test/in?shop=1"+body+stamp+"000"))},
		},
		"hexadecimal key, time as RFC 3339": {
			v1alpha1.HMACRecipe{
				Header: "X-Sig", KeyEncoding: "Hex", SignedContent: parts('t', 'b'),
				Timestamp: &v1alpha1.SignatureTimestamp{Header: "X-Time", Unit: "RFC3339"}, Tolerance: "1m",
			}, "6b6579", "/",
			[]string{"X-Time", "2026-11-21T10:15:00Z", "X-Sig", hex.EncodeToString(mac(sha256.New, "key", "2026-11-21T10:15:00Z"+body))},
		},
	} {
		t.Run(name, func(t *testing.T) {
			require.Nil(t, decode(t, c.recipe, []string{c.secret}, c.path, c.header...))
			other := map[v1alpha1.KeyEncoding]string{"Hex": "00", "Base64": "AAAA"}[c.recipe.KeyEncoding]
			require.Nil(t, decode(t, c.recipe, []string{other, c.secret}[boolInt(other == ""):], c.path, c.header...), "the second line counts too")
			if other == "" {
				other = "other"
			}
			require.Equal(t, reject.BadSignature, decode(t, c.recipe, []string{other}, c.path, c.header...).Reason)
			tampered := append([]string(nil), c.header...)
			for i := range tampered {
				if tampered[i] == stamp {
					tampered[i] = "1795256101"
				}
			}
			if c.recipe.Timestamp != nil && c.recipe.Timestamp.Header != "" && c.recipe.Timestamp.Unit == "" {
				require.Equal(t, reject.BadSignature, decode(t, c.recipe, []string{c.secret}, c.path, tampered...).Reason)
			}
		})
	}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestRefusedSignatureHeaders(t *testing.T) {
	good := hex.EncodeToString(mac(sha256.New, "k", body))
	for name, c := range map[string]struct {
		recipe v1alpha1.HMACRecipe
		value  string
		reason string
	}{
		"missing":             {v1alpha1.HMACRecipe{}, "", reject.MissingSignature},
		"no hexadecimal":      {v1alpha1.HMACRecipe{}, "zz", reject.BadSignature},
		"cut short":           {v1alpha1.HMACRecipe{}, good[:40], reject.BadSignature},
		"prefix missing":      {v1alpha1.HMACRecipe{Prefix: "sha256="}, good, reject.BadSignature},
		"only a prefix":       {v1alpha1.HMACRecipe{Prefix: "sha256="}, "sha256=", reject.BadSignature},
		"two in a plain one":  {v1alpha1.HMACRecipe{}, good + " " + good, reject.BadSignature},
		"key missing in list": {v1alpha1.HMACRecipe{Format: "KeyValueList", SignatureKey: "v1"}, "v0=" + good, reject.BadSignature},
		"empty list":          {v1alpha1.HMACRecipe{Format: "KeyValueList", SignatureKey: "v1"}, ",,=,", reject.BadSignature},
		"spaces only":         {v1alpha1.HMACRecipe{Format: "SpaceList"}, "   ", reject.BadSignature},
	} {
		c.recipe.Header = "X-Sig"
		var header []string
		if c.value != "" {
			header = []string{"X-Sig", c.value}
		}
		r := decode(t, c.recipe, []string{"k"}, "/", header...)
		require.NotNil(t, r, name)
		require.Equal(t, c.reason, r.Reason, name)
		require.Equal(t, http.StatusUnauthorized, r.Status(), name)
	}
}

func TestOldAndEarlyRequestsAreRefused(t *testing.T) {
	for offset, want := range map[time.Duration]string{
		-5 * time.Minute: "", 5 * time.Minute: "", -5*time.Minute - time.Second: reject.StaleTimestamp, 5*time.Minute + time.Second: reject.StaleTimestamp,
		-24 * time.Hour: reject.StaleTimestamp,
	} {
		stamp := transporttest.Now.Add(offset).Format(time.RFC3339)
		r := decode(t, v1alpha1.HMACRecipe{
			Header: "X-Sig", SignedContent: parts('t', 'b'), Timestamp: &v1alpha1.SignatureTimestamp{Header: "X-Time", Unit: "RFC3339"},
		}, []string{"k"}, "/", "X-Time", stamp, "X-Sig", hex.EncodeToString(mac(sha256.New, "k", stamp+body)))
		if want == "" {
			require.Nil(t, r, offset)
			continue
		}
		require.NotNil(t, r, offset)
		require.Equal(t, want, r.Reason)
	}
	recipe := v1alpha1.HMACRecipe{Header: "X-Sig", SignedContent: parts('t', 'b'), Timestamp: &v1alpha1.SignatureTimestamp{Header: "X-Time"}}
	r := decode(t, recipe, []string{"k"}, "/", "X-Sig", hex.EncodeToString(mac(sha256.New, "k", body)))
	require.Equal(t, reject.MissingSignature, r.Reason)
	r = decode(t, recipe, []string{"k"}, "/", "X-Time", "soon", "X-Sig", hex.EncodeToString(mac(sha256.New, "k", "soon"+body)))
	require.Equal(t, reject.StaleTimestamp, r.Reason)
}

func TestErrorOfASecretDoesNotShowIt(t *testing.T) {
	_, err := webhook.Kind.New(transport.Settings{Spec: spec(v1alpha1.HMACRecipe{Header: "X-Sig", KeyEncoding: "Base64"}), Secrets: []string{"top secret!"}})
	require.ErrorContains(t, err, "line 1")
	require.NotContains(t, err.Error(), "top")
}

func FuzzSignatureHeader(f *testing.F) {
	for _, s := range []string{"", "abc", "t=1,v1=00", "t=1795256100,v1=" + strings.Repeat("0", 64), "v1,aGk= v1,", "sha256=", ",,,", "v1=,v1=,=",
		"t=-9223372036854775808,v1=00"} {
		f.Add(s, uint8(0))
		f.Add(s, uint8(5))
	}
	f.Fuzz(func(t *testing.T, header string, form uint8) {
		recipe := v1alpha1.HMACRecipe{Header: "X-Sig", Prefix: []string{"", "v1,", "sha256="}[form%3]}
		switch form % 4 {
		case 1:
			recipe.Format, recipe.SignatureKey, recipe.Timestamp = "KeyValueList", "v1", &v1alpha1.SignatureTimestamp{Key: "t"}
		case 2:
			recipe.Format = "SpaceList"
		case 3:
			recipe.Encoding = "Base64"
		}
		r := decode(t, recipe, []string{"a key that nobody guesses"}, "/", "X-Sig", header)
		if r == nil {
			t.Fatalf("%q was taken for a signature", header)
		}
		if r.Status() != http.StatusUnauthorized {
			t.Fatalf("%q gave %v", header, r)
		}
	})
}
