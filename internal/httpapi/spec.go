// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package httpapi

import "github.com/journeyman-dev/journeyman/api/v1alpha1"

// CredentialsOf returns the credentials of a spec with their secret.
func CredentialsOf(c *v1alpha1.APICredentials, secret string) Credentials {
	out := Credentials{Secret: secret}
	switch {
	case c == nil:
	case c.Header != nil:
		out.Header, out.Prefix = c.Header.Name, c.Header.Prefix
	case c.Basic != nil:
		out.Basic, out.User = true, c.Basic.Username
	case c.OAuth2 != nil:
		o := c.OAuth2
		out.OAuth2 = &OAuth2{TokenURL: o.TokenURL, ClientID: o.ClientID, Scopes: o.Scopes, Parameters: o.Parameters, Scheme: o.Scheme}
	default:
		out.Parameter = c.Parameter
	}
	return out
}
