// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/reject"
)

func TestInvalidConfigurationIsIgnored(t *testing.T) {
	p := newPod(t, openSpec(orderRule()), "")
	order := `{"type":"order.completed","id":"1","at":"2026-11-21T10:14:57Z","customer":{"id":"7"},"amount":"1","currency":"EUR"}`
	require.Equal(t, 200, p.send(http.MethodPost, "/", order).Code)

	p.config.Generation = 4
	p.config.Source.Mapping[0].Event.Time = `body.`
	p.writeConfig()
	p.reloader.Reload()
	require.Equal(t, 200, p.send(http.MethodPost, "/", order).Code)
	s := p.stats()
	require.Equal(t, int64(3), s.Generation)
	require.Contains(t, s.ConfigError, "mapping[0].event.time")

	p.write(podconfig.File, `{"version":1`)
	p.reloader.Reload()
	require.Contains(t, p.stats().ConfigError, "not a valid document")
	require.Equal(t, 200, p.send(http.MethodPost, "/", order).Code)

	p.config.Generation = 5
	p.config.Source.Mapping[0].Event.Time = `body.at`
	p.writeConfig()
	p.reloader.Reload()
	s = p.stats()
	require.Equal(t, int64(5), s.Generation)
	require.Empty(t, s.ConfigError)
	require.Equal(t, 200, p.send(http.MethodPost, "/", order).Code)
	last := p.store.events()[len(p.store.events())-1]
	require.Equal(t, int64(5), last.MappingGeneration)
}

func TestConfigurationErrorIsCleared(t *testing.T) {
	p := newPod(t, openSpec(orderRule()), "")
	p.write(podconfig.File, `{`)
	p.reloader.Reload()
	require.NotEmpty(t, p.stats().ConfigError)
	p.writeConfig()
	p.reloader.Reload()
	require.Empty(t, p.stats().ConfigError)
}

func TestSecretsAreReloaded(t *testing.T) {
	p := newPod(t, segmentSpec(), "")
	body := `{"event":"A","messageId":"1","userId":"u"}`
	send := func() reply { return p.send(http.MethodPost, "/v1/track", body, "Authorization", writeKey) }
	r := send()
	require.Equal(t, 503, r.Code)
	require.Equal(t, reject.SecretMissing, r.Body.Reason)
	require.NotEmpty(t, r.Header().Get("Retry-After"))
	require.Contains(t, p.stats().SecretError, "Secret keys with the key journeyman-secret")

	for content, code := range map[string]int{
		"test-write-key": 200, "other\n test-write-key \r\n": 200, "\n\n": 503, "other": 401,
	} {
		p.write(v1alpha1.DefaultSecretKey, content)
		p.reloader.Reload()
		require.Equal(t, code, send().Code, "%q", content)
	}
	p.write(v1alpha1.DefaultSecretKey, "")
	p.reloader.Reload()
	require.Equal(t, 503, send().Code, "a Secret that was deleted is no longer good")
}

func TestUnusableSecretCountsAsMissing(t *testing.T) {
	p := newPod(t, v1alpha1.TouchpointSourceSpec{
		Transport: v1alpha1.Transport{Webhook: &v1alpha1.WebhookTransport{
			SecretRef: &v1alpha1.SecretKeyReference{Name: "keys", Key: "journeyman-hook"},
			HMAC:      &v1alpha1.HMACRecipe{Header: "X-Sig", KeyEncoding: "Base64"},
		}},
		Mapping: []v1alpha1.MappingRule{orderRule()},
	}, "")
	p.write("journeyman-hook", "not base64!")
	p.reloader.Reload()
	r := p.send(http.MethodPost, "/", `{}`, "X-Sig", "00")
	require.Equal(t, reject.SecretMissing, r.Body.Reason)
	require.Contains(t, p.stats().SecretError, "keyEncoding")
	require.NotContains(t, p.stats().SecretError, "not base64")
}

func TestSuspendedSourcesAnswer503(t *testing.T) {
	p := newPod(t, segmentSpec(), "test-write-key")
	yes := true
	p.config.Source.Suspend = &yes
	p.writeConfig()
	p.reloader.Reload()
	r := p.send(http.MethodPost, "/v1/track", `{"event":"A","userId":"u"}`, "Authorization", writeKey)
	require.Equal(t, 503, r.Code)
	require.Equal(t, reject.Suspended, r.Body.Reason)
	require.True(t, p.stats().Suspended)
	require.Empty(t, p.store.events())
}
