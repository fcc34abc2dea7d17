// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/preset"
	"github.com/journeyman-dev/journeyman/internal/reject"
)

// Twilio signs the URL with the hash of a JSON body, and of a form its fields. An empty form, which signs nothing, must not stand for the JSON.
func TestSignatureOfJSONIsNoneOfAForm(t *testing.T) {
	spec, _, err := preset.Expand(&v1alpha1.TouchpointSourceSpec{
		Preset: "twilio", Transport: v1alpha1.Transport{Webhook: &v1alpha1.WebhookTransport{
			SecretRef: &v1alpha1.SecretKeyReference{Name: "keys"}, PublicURL: "https://hooks.example.test/in",
		}},
	})
	require.NoError(t, err)
	p := newPod(t, *spec, "key")
	body := `{"type":"call.completed","callSid":"CA1","from":"+4915112345678"}`
	sum := sha256.Sum256([]byte(body))
	target := "/in?bodySHA256=" + hex.EncodeToString(sum[:])
	mac := hmac.New(sha1.New, []byte("key"))
	mac.Write([]byte("https://hooks.example.test" + target))
	signature := base64.StdEncoding.EncodeToString(mac.Sum(nil))
	send := func(body, contentType string) reply {
		return p.send(http.MethodPost, target, body, "Content-Type", contentType, "X-Twilio-Signature", signature)
	}
	require.Equal(t, http.StatusOK, send(body, "application/json").Code)
	for _, form := range []string{"", "&&", "=&="} {
		r := send(form, "application/x-www-form-urlencoded")
		require.Equal(t, http.StatusUnauthorized, r.Code, form)
		require.Equal(t, reject.BadSignature, r.Body.Reason, form)
	}
	require.Equal(t, http.StatusOK, send(body, "application/json").Code, "sent again, it is the same event")
	require.Len(t, distinct(p), 1)
}
