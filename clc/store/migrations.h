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
    {6, "instances, their addresses and what they take of the nodes",
     R"(CREATE TABLE instances (
          instance_id {text} PRIMARY KEY, reservation_id {text} NOT NULL,
          account_id {text} NOT NULL, launch_index {i64} NOT NULL, zone {text} NOT NULL,
          instance_type {text} NOT NULL, vcpus {i64} NOT NULL, memory_mib {i64} NOT NULL,
          disk_gib {i64} NOT NULL, ephemeral_gib {i64} NOT NULL, swap_mib {i64} NOT NULL,
          image_id {text} NOT NULL, kernel_id {text} NOT NULL, ramdisk_id {text} NOT NULL,
          architecture {text} NOT NULL, vpc_id {text} NOT NULL, subnet_id {text} NOT NULL,
          key_name {text} NOT NULL, public_key {text} NOT NULL,
          user_data {blob} NOT NULL, client_token {text} NOT NULL, mac {text} NOT NULL,
          private_ip {i64} NOT NULL, tokens_required {i64} NOT NULL,
          termination_protected {i64} NOT NULL, monitoring {i64} NOT NULL,
          state {text} NOT NULL, wants_to_run {i64} NOT NULL, node {text} NOT NULL,
          placement_no {i64} NOT NULL, reason_code {text} NOT NULL,
          reason_message {text} NOT NULL, launched_at_ms {i64} NOT NULL,
          changed_at_ms {i64} NOT NULL, revision {i64} NOT NULL UNIQUE);
        CREATE INDEX instances_by_account ON instances(account_id, instance_id);
        CREATE INDEX instances_by_reservation ON instances(reservation_id, launch_index);
        CREATE INDEX instances_by_state ON instances(state, changed_at_ms);
        CREATE INDEX instances_by_image ON instances(image_id, state);
        CREATE TABLE instance_groups (
          instance_id {text} NOT NULL REFERENCES instances(instance_id) ON DELETE CASCADE,
          group_id {text} NOT NULL, group_name {text} NOT NULL,
          PRIMARY KEY (instance_id, group_id));
        CREATE INDEX instance_groups_by_group ON instance_groups(group_id);
        CREATE TABLE private_addresses (
          address {i64} PRIMARY KEY, mac {text} NOT NULL UNIQUE,
          instance_id {text} NOT NULL UNIQUE);
        CREATE TABLE node_usage (
          zone {text} NOT NULL, node {text} NOT NULL, vcpus {i64} NOT NULL,
          memory_mib {i64} NOT NULL, disk_gib {i64} NOT NULL, PRIMARY KEY (zone, node));
        CREATE TABLE superseded_guests (
          instance_id {text} NOT NULL, placement_no {i64} NOT NULL, node {text} NOT NULL,
          zone {text} NOT NULL, PRIMARY KEY (instance_id, placement_no));)"},
    {7, "images, their parts and who may launch them",
     R"(CREATE TABLE images (
          image_id {text} PRIMARY KEY, account_id {text} NOT NULL, kind {text} NOT NULL,
          name {text} NOT NULL, description {text} NOT NULL, location {text} NOT NULL,
          architecture {text} NOT NULL, platform {text} NOT NULL,
          virtualization {text} NOT NULL, root_device_name {text} NOT NULL,
          kernel_id {text} NOT NULL, ramdisk_id {text} NOT NULL, available {i64} NOT NULL,
          is_public {i64} NOT NULL, created_at_ms {i64} NOT NULL, bytes {i64} NOT NULL,
          bundled_bytes {i64} NOT NULL, sha1 {text} NOT NULL, sealed_key {blob} NOT NULL,
          sealed_iv {blob} NOT NULL);
        CREATE INDEX images_by_account ON images(account_id);
        CREATE UNIQUE INDEX images_by_name ON images(account_id, name) WHERE available = 1;
        CREATE TABLE image_parts (
          image_id {text} NOT NULL REFERENCES images(image_id) ON DELETE CASCADE,
          part_no {i64} NOT NULL, file_name {text} NOT NULL, sha1 {text} NOT NULL,
          bytes {i64} NOT NULL, PRIMARY KEY (image_id, part_no));
        CREATE TABLE image_launchers (
          image_id {text} NOT NULL REFERENCES images(image_id) ON DELETE CASCADE,
          account_id {text} NOT NULL, PRIMARY KEY (image_id, account_id));
        CREATE INDEX image_launchers_by_account ON image_launchers(account_id);
        CREATE TABLE image_admissions (
          image_id {text} PRIMARY KEY, started_at_ms {i64} NOT NULL);)"},
    {8, "tags, events and the version of the network",
     R"(CREATE TABLE tags (
          resource_id {text} NOT NULL, tag_key {text} NOT NULL, tag_value {text} NOT NULL,
          account_id {text} NOT NULL, PRIMARY KEY (resource_id, tag_key));
        CREATE INDEX tags_by_account ON tags(account_id, resource_id);
        CREATE TABLE events (
          event_no {i64} PRIMARY KEY, at_ms {i64} NOT NULL, account_id {text} NOT NULL,
          kind {text} NOT NULL, resource_id {text} NOT NULL, detail {text} NOT NULL);
        CREATE INDEX events_by_resource ON events(resource_id, event_no);
        CREATE TABLE network_state (
          name {text} PRIMARY KEY, version {i64} NOT NULL, digest {text} NOT NULL);)"},
    {9, "certificates by thumbprint, and the SOAP messages that were accepted",
     R"(ALTER TABLE certificates ADD COLUMN thumbprint {text} NOT NULL DEFAULT '';
        CREATE INDEX certificates_by_thumbprint ON certificates(thumbprint);
        CREATE TABLE soap_messages (
          digest {text} PRIMARY KEY, user_id {text} NOT NULL, forget_at_ms {i64} NOT NULL);
        CREATE INDEX soap_messages_by_user ON soap_messages(user_id);
        CREATE INDEX soap_messages_by_time ON soap_messages(forget_at_ms);)"},
    {10, "where an instance without a node was promised its room",
     R"(ALTER TABLE instances ADD COLUMN promised_node {text} NOT NULL DEFAULT '';
        CREATE INDEX instances_unplaced ON instances(zone, promised_node)
          WHERE node='' AND state='pending';)"},
    {11, "volumes and their attachments",
     R"(CREATE TABLE volumes (
          volume_id {text} PRIMARY KEY, account_id {text} NOT NULL, zone {text} NOT NULL,
          size_gib {i64} NOT NULL, snapshot_id {text} NOT NULL, volume_type {text} NOT NULL,
          iops {i64} NOT NULL, state {text} NOT NULL, reason {text} NOT NULL,
          epoch {i64} NOT NULL, client_token {text} NOT NULL, created_at_ms {i64} NOT NULL,
          changed_at_ms {i64} NOT NULL);
        CREATE INDEX volumes_by_account ON volumes(account_id, volume_id);
        CREATE INDEX volumes_by_state ON volumes(zone, state, changed_at_ms);
        CREATE TABLE attachments (
          volume_id {text} PRIMARY KEY REFERENCES volumes(volume_id), epoch {i64} NOT NULL,
          instance_id {text} NOT NULL, node {text} NOT NULL, placement_no {i64} NOT NULL,
          device {text} NOT NULL, device_letters {text} NOT NULL, state {text} NOT NULL,
          forced {i64} NOT NULL, delete_on_termination {i64} NOT NULL, reason {text} NOT NULL,
          attached_at_ms {i64} NOT NULL, changed_at_ms {i64} NOT NULL,
          UNIQUE (instance_id, device_letters));)"},
    {12, "how many instances each account has",
     "CREATE TABLE account_usage (account_id {text} PRIMARY KEY, instances {i64} NOT NULL);"},
    {13, "more accounts than one: roots, aliases, and what was changed since when",
     R"(ALTER TABLE users ADD COLUMN is_root {i64} NOT NULL DEFAULT 0;
        ALTER TABLE users ADD COLUMN is_enabled {i64} NOT NULL DEFAULT 1;
        UPDATE users SET is_root = 1 WHERE name = 'admin';
        CREATE UNIQUE INDEX users_by_any_case ON users(account_id, lower(name));
        CREATE TABLE account_aliases (
          alias {text} PRIMARY KEY,
          account_id {text} NOT NULL UNIQUE REFERENCES accounts(account_id));
        INSERT INTO account_aliases (alias, account_id) SELECT name, account_id FROM accounts;
        CREATE TABLE identity_changes (
          version {i64} PRIMARY KEY, kind {text} NOT NULL, object_id {text} NOT NULL,
          UNIQUE (kind, object_id));
        INSERT INTO identity_changes (version, kind, object_id)
          SELECT (SELECT COALESCE(MAX(value), 0) FROM counters WHERE name = 'identities') +
                 row_number() OVER (ORDER BY place, id), kind, id
          FROM (SELECT 1 AS place, 'account' AS kind, account_id AS id FROM accounts
                UNION ALL SELECT 2, 'user', user_id FROM users
                UNION ALL SELECT 3, 'access_key', access_key_id FROM access_keys
                UNION ALL SELECT 4, 'certificate', certificate_id FROM certificates) AS present;
        UPDATE counters SET value = (SELECT COALESCE(MAX(version), 0) FROM identity_changes)
          WHERE name = 'identities';)"},
    {14, "snapshots and who may use them; whether a volume goes on when its bytes may be wrong",
     R"(CREATE TABLE snapshots (
          snapshot_id {text} PRIMARY KEY, account_id {text} NOT NULL, volume_id {text} NOT NULL,
          zone {text} NOT NULL, size_gib {i64} NOT NULL, description {text} NOT NULL,
          state {text} NOT NULL, reason {text} NOT NULL, progress {i64} NOT NULL,
          taken {i64} NOT NULL, is_public {i64} NOT NULL, started_at_ms {i64} NOT NULL,
          changed_at_ms {i64} NOT NULL);
        CREATE INDEX snapshots_by_account ON snapshots(account_id, snapshot_id);
        CREATE INDEX snapshots_by_state ON snapshots(state, zone, changed_at_ms);
        CREATE INDEX snapshots_by_volume ON snapshots(volume_id, state);
        CREATE INDEX snapshots_public ON snapshots(snapshot_id) WHERE is_public = 1;
        CREATE TABLE snapshot_users (
          snapshot_id {text} NOT NULL REFERENCES snapshots(snapshot_id) ON DELETE CASCADE,
          account_id {text} NOT NULL, PRIMARY KEY (snapshot_id, account_id));
        CREATE INDEX snapshot_users_by_account ON snapshot_users(account_id);
        CREATE INDEX volumes_by_snapshot ON volumes(snapshot_id, state);
        ALTER TABLE volumes ADD COLUMN auto_enable_io {i64} NOT NULL DEFAULT 0;)"},
    {15, "policies of accounts, users and groups",
     R"(CREATE TABLE user_groups (
          group_id {text} PRIMARY KEY, account_id {text} NOT NULL REFERENCES accounts(account_id),
          name {text} NOT NULL, path {text} NOT NULL, created_at_ms {i64} NOT NULL,
          UNIQUE (account_id, name));
        CREATE UNIQUE INDEX user_groups_by_any_case ON user_groups(account_id, lower(name));
        CREATE TABLE user_group_members (
          group_id {text} NOT NULL REFERENCES user_groups(group_id),
          user_id {text} NOT NULL REFERENCES users(user_id), PRIMARY KEY (group_id, user_id));
        CREATE INDEX user_group_members_by_user ON user_group_members(user_id);
        CREATE TABLE inline_policies (
          entity_id {text} NOT NULL, name {text} NOT NULL, document {text} NOT NULL,
          PRIMARY KEY (entity_id, name));
        CREATE TABLE managed_policies (
          policy_id {text} PRIMARY KEY, account_id {text} NOT NULL, name {text} NOT NULL,
          path {text} NOT NULL, description {text} NOT NULL, default_version {i64} NOT NULL,
          last_version {i64} NOT NULL, created_at_ms {i64} NOT NULL, updated_at_ms {i64} NOT NULL,
          UNIQUE (account_id, name));
        CREATE UNIQUE INDEX managed_policies_by_any_case
          ON managed_policies(account_id, lower(name));
        CREATE TABLE managed_policy_versions (
          policy_id {text} NOT NULL REFERENCES managed_policies(policy_id),
          version {i64} NOT NULL, document {text} NOT NULL, created_at_ms {i64} NOT NULL,
          PRIMARY KEY (policy_id, version));
        CREATE TABLE policy_attachments (
          policy_id {text} NOT NULL REFERENCES managed_policies(policy_id),
          entity_id {text} NOT NULL, account_id {text} NOT NULL,
          PRIMARY KEY (policy_id, entity_id));
        CREATE INDEX policy_attachments_by_entity ON policy_attachments(entity_id);
        INSERT INTO managed_policies VALUES
          ('ANPAADMINISTRATORACC', 'aws', 'AdministratorAccess', '/',
           'Everything in the account.', 1, 1, 1422980499000, 1422980499000),
          ('ANPAPOWERUSERACCESS0', 'aws', 'PowerUserAccess', '/',
           'Everything but users, groups and policies.', 1, 1, 1422980499000, 1422980499000),
          ('ANPAREADONLYACCESS00', 'aws', 'ReadOnlyAccess', '/',
           'Looking at everything.', 1, 1, 1422980499000, 1422980499000),
          ('ANPAAMAZONEC2FULLACC', 'aws', 'AmazonEC2FullAccess', '/',
           'Everything in EC2.', 1, 1, 1422980499000, 1422980499000),
          ('ANPAAMAZONEC2READONL', 'aws', 'AmazonEC2ReadOnlyAccess', '/',
           'Looking at EC2.', 1, 1, 1422980499000, 1422980499000),
          ('ANPAAMAZONS3FULLACCE', 'aws', 'AmazonS3FullAccess', '/',
           'Everything in S3.', 1, 1, 1422980499000, 1422980499000),
          ('ANPAAMAZONS3READONLY', 'aws', 'AmazonS3ReadOnlyAccess', '/',
           'Reading from S3.', 1, 1, 1422980499000, 1422980499000),
          ('ANPAIAMFULLACCESS000', 'aws', 'IAMFullAccess', '/',
           'Everything in IAM.', 1, 1, 1422980499000, 1422980499000),
          ('ANPAIAMREADONLYACCES', 'aws', 'IAMReadOnlyAccess', '/',
           'Looking at IAM.', 1, 1, 1422980499000, 1422980499000);
        INSERT INTO managed_policy_versions
          SELECT policy_id, 1, '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", ' ||
            CASE name
              WHEN 'AdministratorAccess' THEN '"Action": "*"'
              WHEN 'PowerUserAccess' THEN '"NotAction": "iam:*"'
              WHEN 'ReadOnlyAccess' THEN
                '"Action": ["ec2:Describe*", "ec2:Get*", "iam:Get*", "iam:List*", ' ||
                '"s3:Get*", "s3:List*", "sts:GetCallerIdentity"]'
              WHEN 'AmazonEC2FullAccess' THEN '"Action": "ec2:*"'
              WHEN 'AmazonEC2ReadOnlyAccess' THEN '"Action": ["ec2:Describe*", "ec2:Get*"]'
              WHEN 'AmazonS3FullAccess' THEN '"Action": "s3:*"'
              WHEN 'AmazonS3ReadOnlyAccess' THEN '"Action": ["s3:Get*", "s3:List*"]'
              WHEN 'IAMFullAccess' THEN '"Action": "iam:*"'
              ELSE '"Action": ["iam:Get*", "iam:List*"]' END ||
            ', "Resource": "*"}]}', created_at_ms
          FROM managed_policies;)"},
    {16, "public addresses and who has them",
     R"(CREATE TABLE public_addresses (
          address {i64} PRIMARY KEY, account_id {text} NOT NULL, allocation_id {text} NOT NULL,
          is_classic {i64} NOT NULL, instance_id {text} NOT NULL, association_id {text} NOT NULL,
          allocated_at_ms {i64} NOT NULL);
        CREATE INDEX public_addresses_by_account ON public_addresses(account_id);
        CREATE UNIQUE INDEX public_addresses_by_allocation ON public_addresses(allocation_id)
          WHERE allocation_id<>'';
        CREATE UNIQUE INDEX public_addresses_by_association ON public_addresses(association_id)
          WHERE association_id<>'';
        CREATE UNIQUE INDEX public_addresses_by_instance ON public_addresses(instance_id)
          WHERE instance_id<>'';)"},
    {17, "those who keep a copy of the identities are told of all policies",
     R"(INSERT INTO identity_changes (version, kind, object_id)
          SELECT (SELECT MAX(version) FROM
                    (SELECT COALESCE(MAX(version), 0) AS version FROM identity_changes
                     UNION ALL SELECT COALESCE(MAX(value), 0) FROM counters
                               WHERE name = 'identities') AS known) +
                 row_number() OVER (ORDER BY policy_id), 'policy', policy_id
          FROM managed_policies
          WHERE policy_id NOT IN (SELECT object_id FROM identity_changes WHERE kind='policy');
        INSERT INTO counters (name, value)
          SELECT 'identities', MAX(version) FROM identity_changes WHERE true
          ON CONFLICT (name) DO UPDATE SET
            value = CASE WHEN excluded.value > counters.value THEN excluded.value
                         ELSE counters.value END;)"},
    {18, "roles and instance profiles",
     R"(CREATE TABLE roles (
          role_id {text} PRIMARY KEY, account_id {text} NOT NULL REFERENCES accounts(account_id),
          name {text} NOT NULL, path {text} NOT NULL, description {text} NOT NULL,
          trust {text} NOT NULL, session_max_s {i64} NOT NULL, created_at_ms {i64} NOT NULL,
          UNIQUE (account_id, name));
        CREATE UNIQUE INDEX roles_by_any_case ON roles(account_id, lower(name));
        CREATE TABLE instance_profiles (
          profile_id {text} PRIMARY KEY,
          account_id {text} NOT NULL REFERENCES accounts(account_id),
          name {text} NOT NULL, path {text} NOT NULL, role_id {text} NOT NULL,
          created_at_ms {i64} NOT NULL, UNIQUE (account_id, name));
        CREATE UNIQUE INDEX instance_profiles_by_any_case
          ON instance_profiles(account_id, lower(name));
        CREATE INDEX instance_profiles_by_role ON instance_profiles(role_id);)"},
    {19, "which instance has which instance profile",
     R"(CREATE TABLE profile_associations (
          association_id {text} PRIMARY KEY, instance_id {text} NOT NULL UNIQUE,
          account_id {text} NOT NULL, profile_id {text} NOT NULL, profile_arn {text} NOT NULL,
          since_ms {i64} NOT NULL);
        CREATE INDEX profile_associations_by_account ON profile_associations(account_id);)"},
    {20, "who made what counts against quotas",
     R"(ALTER TABLE instances ADD COLUMN maker_id {text} NOT NULL DEFAULT '';
        ALTER TABLE images ADD COLUMN maker_id {text} NOT NULL DEFAULT '';
        ALTER TABLE volumes ADD COLUMN maker_id {text} NOT NULL DEFAULT '';
        ALTER TABLE snapshots ADD COLUMN maker_id {text} NOT NULL DEFAULT '';
        ALTER TABLE public_addresses ADD COLUMN maker_id {text} NOT NULL DEFAULT '';
        ALTER TABLE security_groups ADD COLUMN maker_id {text} NOT NULL DEFAULT '';
        CREATE INDEX instances_by_maker ON instances(maker_id) WHERE maker_id<>'';
        CREATE INDEX images_by_maker ON images(maker_id) WHERE maker_id<>'';
        CREATE INDEX volumes_by_maker ON volumes(maker_id) WHERE maker_id<>'';
        CREATE INDEX snapshots_by_maker ON snapshots(maker_id) WHERE maker_id<>'';
        CREATE INDEX public_addresses_by_maker ON public_addresses(maker_id) WHERE maker_id<>'';
        CREATE INDEX security_groups_by_maker ON security_groups(maker_id) WHERE maker_id<>'';
        ALTER TABLE account_usage ADD COLUMN vcpus {i64} NOT NULL DEFAULT 0;
        ALTER TABLE account_usage ADD COLUMN memory_mib {i64} NOT NULL DEFAULT 0;
        ALTER TABLE account_usage ADD COLUMN disk_gib {i64} NOT NULL DEFAULT 0;)"},
    {21, "passwords of users, hashed, and what accounts ask of them",
     R"(CREATE TABLE login_profiles (
          user_id {text} PRIMARY KEY REFERENCES users(user_id), hash {text} NOT NULL,
          must_change {i64} NOT NULL, created_at_ms {i64} NOT NULL, changed_at_ms {i64} NOT NULL);
        CREATE TABLE former_passwords (
          user_id {text} NOT NULL REFERENCES users(user_id), number {i64} NOT NULL,
          hash {text} NOT NULL, PRIMARY KEY (user_id, number));
        CREATE TABLE password_policies (
          account_id {text} PRIMARY KEY REFERENCES accounts(account_id),
          length_min {i64} NOT NULL, needs_symbols {i64} NOT NULL, needs_numbers {i64} NOT NULL,
          needs_uppercase {i64} NOT NULL, needs_lowercase {i64} NOT NULL,
          users_may_change {i64} NOT NULL, age_max_days {i64} NOT NULL,
          reuse_prevented {i64} NOT NULL, hard_expiry {i64} NOT NULL);)"},
};

}  // namespace angophora::clc
