// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
)

// Chosen knows each member of the union. A new member needs a case here.
func TestChosen(t *testing.T) {
	name, secret := new(v1alpha1.Transport).Chosen()
	require.Empty(t, name)
	require.Nil(t, secret)
	union := reflect.TypeFor[v1alpha1.Transport]()
	for i := range union.NumField() {
		var transport v1alpha1.Transport
		block := reflect.ValueOf(&transport).Elem().Field(i)
		block.Set(reflect.New(block.Type().Elem()))
		want := v1alpha1.SecretKeyReference{Name: "keys", Key: "journeyman-key"}
		wanted, _, _ := strings.Cut(union.Field(i).Tag.Get("json"), ",")
		switch ref := block.Elem().FieldByName("SecretRef"); ref.Kind() {
		case reflect.Invalid:
			name, secret = transport.Chosen()
			require.Equal(t, wanted, name)
			require.Nil(t, secret)
			require.True(t, transport.Pulls(), "who sends has to be verified")
			continue
		case reflect.Pointer:
			_, secret = transport.Chosen()
			require.Nil(t, secret, "a transport that verifies nobody")
			ref.Set(reflect.ValueOf(&want))
			if transport.Pulls() {
				name, secret = transport.Chosen()
				require.Equal(t, wanted, name)
				require.Nil(t, secret, "the secret of the pods verifies no sender")
				continue
			}
		default:
			ref.Set(reflect.ValueOf(want))
		}
		name, secret = transport.Chosen()
		require.False(t, transport.Pulls())
		require.Equal(t, wanted, name)
		require.Equal(t, &want, secret)
	}
}

func TestKeyOr(t *testing.T) {
	require.Equal(t, "journeyman-secret", (&v1alpha1.SecretKeyReference{Name: "x"}).KeyOr(v1alpha1.DefaultSecretKey))
	require.Equal(t, "journeyman-write-key", (&v1alpha1.SecretKeyReference{Name: "x", Key: "journeyman-write-key"}).KeyOr(v1alpha1.DefaultSecretKey))
}
