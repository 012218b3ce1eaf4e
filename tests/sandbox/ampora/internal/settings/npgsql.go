// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

package settings

import (
	"fmt"
	"strings"
)

// ConnectionString holds the pairs of an ADO.NET connection string, with its keys in one spelling.
type ConnectionString map[string]string

var synonyms = map[string]string{
	"host": "host", "server": "host", "port": "port", "database": "database", "db": "database",
	"username": "username", "user name": "username", "user id": "username", "userid": "username", "uid": "username",
	"password": "password", "pwd": "password", "psw": "password",
	"ssl mode": "ssl mode", "sslmode": "ssl mode", "root certificate": "root certificate", "rootcertificate": "root certificate",
	"trust server certificate": "trust server certificate", "trustservercertificate": "trust server certificate",
	"include error detail": "include error detail", "includeerrordetail": "include error detail",
	"server compatibility mode": "server compatibility mode", "pooling": "pooling", "timeout": "timeout",
	"command timeout": "command timeout", "commandtimeout": "command timeout", "keepalive": "keepalive",
	"application name": "application name", "applicationname": "application name", "search path": "search path",
	"maxpoolsize": "max pool size", "max pool size": "max pool size", "maximum pool size": "max pool size",
	"minpoolsize": "min pool size", "min pool size": "min pool size", "minimum pool size": "min pool size",
}

// ParseConnectionString follows the quoting rules of ADO.NET: values in single or double quotes may hold anything,
// the quote itself doubled. No error repeats a value, for one of them is the password.
func ParseConnectionString(text string) (ConnectionString, error) {
	pairs := ConnectionString{}
	rest := text
	for {
		rest = strings.TrimLeft(rest, "; \t\r\n")
		if rest == "" {
			return pairs, nil
		}
		key, tail, found := cutKey(rest)
		if !found {
			return nil, fmt.Errorf("connection string: a part has no '='")
		}
		name, known := synonyms[strings.ToLower(strings.TrimSpace(key))]
		if !known {
			return nil, fmt.Errorf("connection string: keyword not supported: %q", strings.TrimSpace(key))
		}
		value, after, err := readValue(strings.TrimLeft(tail, " \t\r\n"))
		if err != nil {
			return nil, fmt.Errorf("connection string, %s: %w", name, err)
		}
		pairs[name], rest = value, after
	}
}

// cutKey splits at the first lone '='; a doubled one belongs to the key.
func cutKey(text string) (key, rest string, found bool) {
	for i := 0; i < len(text); i++ {
		if text[i] != '=' {
			continue
		}
		if i+1 < len(text) && text[i+1] == '=' {
			i++
			continue
		}
		return strings.ReplaceAll(text[:i], "==", "="), text[i+1:], true
	}
	return "", "", false
}

func readValue(text string) (value, rest string, err error) {
	if text == "" || (text[0] != '"' && text[0] != '\'') {
		value, rest, _ = strings.Cut(text, ";")
		return strings.TrimSpace(value), rest, nil
	}
	quote := text[0]
	var out strings.Builder
	for i := 1; i < len(text); i++ {
		if text[i] != quote {
			out.WriteByte(text[i])
			continue
		}
		if i+1 < len(text) && text[i+1] == quote {
			out.WriteByte(quote)
			i++
			continue
		}
		rest = strings.TrimLeft(text[i+1:], " \t\r\n")
		if rest != "" && rest[0] != ';' {
			return "", "", fmt.Errorf("text after the closing quote")
		}
		return out.String(), rest, nil
	}
	return "", "", fmt.Errorf("the closing quote is missing")
}

var sslModes = map[string]string{
	"": "prefer", "disable": "disable", "allow": "allow", "prefer": "prefer", "require": "require",
	"verifyca": "verify-ca", "verify-ca": "verify-ca", "verifyfull": "verify-full", "verify-full": "verify-full",
}

// Libpq renders the pairs in libpq's keyword form.
func (c ConnectionString) Libpq() (string, error) {
	mode, known := sslModes[strings.ToLower(c["ssl mode"])]
	if !known {
		return "", fmt.Errorf("connection string: SSL Mode %q is not one of Disable, Allow, Prefer, Require, VerifyCA, VerifyFull", c["ssl mode"])
	}
	if c["host"] == "" {
		return "", fmt.Errorf("connection string: Host is missing")
	}
	words := [][2]string{
		{"host", c["host"]}, {"port", c["port"]}, {"dbname", c["database"]}, {"user", c["username"]}, {"password", c["password"]},
		{"sslmode", mode}, {"sslrootcert", c["root certificate"]}, {"application_name", c["application name"]},
	}
	var out []string
	escape := strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	for _, word := range words {
		if word[1] != "" {
			out = append(out, word[0]+"='"+escape.Replace(word[1])+"'")
		}
	}
	return strings.Join(out, " "), nil
}
