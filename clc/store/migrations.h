// The database of the cloud controller, step by step. Append only: never edit or reorder a
// migration that has been released. Times are milliseconds since 1970 and end in _ms; '' stands for
// "none" where a column takes part in a UNIQUE constraint.
#pragma once

#include "common/db/database.h"

namespace angophora::clc {

inline constexpr db::Migration kMigrations[] = {
    {1, "counters and properties",
     R"(CREATE TABLE counters (name {text} PRIMARY KEY, value {i64} NOT NULL);
        CREATE TABLE properties (name {text} PRIMARY KEY, value {text} NOT NULL);
        CREATE TABLE client_tokens (
          account_id {text} NOT NULL, action {text} NOT NULL, token {text} NOT NULL,
          digest {text} NOT NULL, answer {text} NOT NULL, created_at_ms {i64} NOT NULL,
          PRIMARY KEY (account_id, action, token));
        CREATE INDEX client_tokens_by_age ON client_tokens(created_at_ms);)"},
    {2, "accounts, users, keys and certificates",
     R"(CREATE TABLE accounts (
          account_id {text} PRIMARY KEY, name {text} NOT NULL UNIQUE,
          canonical_id {text} NOT NULL UNIQUE, created_at_ms {i64} NOT NULL);
        CREATE TABLE users (
          user_id {text} PRIMARY KEY, account_id {text} NOT NULL REFERENCES accounts(account_id),
          name {text} NOT NULL, path {text} NOT NULL, created_at_ms {i64} NOT NULL,
          UNIQUE (account_id, name));
        CREATE TABLE access_keys (
          access_key_id {text} PRIMARY KEY, user_id {text} NOT NULL REFERENCES users(user_id),
          secret {text} NOT NULL, active {i64} NOT NULL, created_at_ms {i64} NOT NULL);
        CREATE INDEX access_keys_by_user ON access_keys(user_id);
        CREATE TABLE certificates (
          certificate_id {text} PRIMARY KEY, user_id {text} NOT NULL REFERENCES users(user_id),
          pem {text} NOT NULL, active {i64} NOT NULL, created_at_ms {i64} NOT NULL);
        CREATE INDEX certificates_by_user ON certificates(user_id);)"},
    {3, "the other daemons",
     R"(CREATE TABLE services (
          name {text} PRIMARY KEY, type {text} NOT NULL, zone {text} NOT NULL,
          host {text} NOT NULL, port {i64} NOT NULL, wanted_state {text} NOT NULL,
          signing_certificate {blob}, encryption_certificate {blob},
          registered_at_ms {i64} NOT NULL, enrolled_at_ms {i64});
        CREATE UNIQUE INDEX services_by_address ON services(host, port);
        CREATE TABLE enrolment_tokens (
          token_id {text} PRIMARY KEY,
          service_name {text} NOT NULL REFERENCES services(name) ON DELETE CASCADE,
          secret {blob} NOT NULL, expires_at_ms {i64} NOT NULL);)"},
    {4, "key pairs",
     R"(CREATE TABLE key_pairs (
          key_pair_id {text} PRIMARY KEY, account_id {text} NOT NULL, name {text} NOT NULL,
          key_type {text} NOT NULL, fingerprint {text} NOT NULL, public_key {text} NOT NULL,
          created_at_ms {i64} NOT NULL, UNIQUE (account_id, name));)"},
    {5, "default VPCs and subnets, security groups and their rules",
     R"(CREATE TABLE vpcs (
          vpc_id {text} PRIMARY KEY, account_id {text} NOT NULL UNIQUE, cidr {text} NOT NULL,
          created_at_ms {i64} NOT NULL);
        CREATE TABLE subnets (
          subnet_id {text} PRIMARY KEY, vpc_id {text} NOT NULL REFERENCES vpcs(vpc_id),
          account_id {text} NOT NULL, zone {text} NOT NULL, cidr {text} NOT NULL,
          UNIQUE (account_id, zone));
        CREATE TABLE security_groups (
          group_id {text} PRIMARY KEY, account_id {text} NOT NULL,
          vpc_id {text} NOT NULL REFERENCES vpcs(vpc_id), name {text} NOT NULL,
          description {text} NOT NULL, created_at_ms {i64} NOT NULL,
          UNIQUE (vpc_id, name));
        CREATE INDEX security_groups_by_account ON security_groups(account_id, group_id);
        CREATE TABLE security_group_rules (
          rule_id {text} PRIMARY KEY,
          group_id {text} NOT NULL REFERENCES security_groups(group_id) ON DELETE CASCADE,
          egress {i64} NOT NULL, protocol {text} NOT NULL, from_port {i64} NOT NULL,
          to_port {i64} NOT NULL, cidr {text} NOT NULL, source_group_id {text} NOT NULL,
          source_account_id {text} NOT NULL, description {text} NOT NULL,
          UNIQUE (group_id, egress, protocol, from_port, to_port, cidr, source_group_id));
        CREATE INDEX security_group_rules_by_source ON security_group_rules(source_group_id);)"},
};

}  // namespace angophora::clc
