// Every setting of the object store.
#pragma once

#include <chrono>
#include <string>

#include "common/config/daemon_settings.h"

namespace angophora::walrus {

struct Config : config::MemberSettings, config::AuditSettings {
  Config() : MemberSettings("walrus", 8776, 9776) {}

  std::string internal_address = "0.0.0.0";
  std::uint16_t internal_port = 8778;
  std::string region_name = "angophora";
  std::string domain;
  bool allow_plain_http = true;
  std::string tls_names;
  std::string objects_dir;
  std::uint32_t free_reserve_mib = 64;
  std::uint32_t packed_kib_max = 64;
  std::uint32_t pack_mib = 64;
  std::chrono::seconds pack_collection = std::chrono::seconds(60);
  std::chrono::seconds access_log_roll = std::chrono::minutes(5);
  std::uint32_t scrub_mib_per_s = 8;
  std::chrono::seconds scrub_every = std::chrono::hours(24 * 7);
  std::uint32_t buckets_per_account = 1000;
  std::uint32_t connections_max = 4096;
  std::uint32_t worker_threads = 16;
  std::string storage_classes = "REDUCED_REDUNDANCY,STANDARD_IA,ONEZONE_IA,INTELLIGENT_TIERING";
  std::string kms_keys;
  std::chrono::seconds lifecycle_day = std::chrono::hours(24);
  std::chrono::seconds identities_age_max = std::chrono::hours(24 * 7);

  static std::vector<config::Setting<Config>> settings() {
    using config::setting;
    std::vector<config::Setting<Config>> own = {
        setting("internal_address", &Config::internal_address,
                "Address where the other daemons reach this one."),
        setting("internal_port", &Config::internal_port,
                "Port where the other daemons reach this one; 0 takes any free one."),
        setting("region_name", &Config::region_name, "The name of the one region."),
        setting("domain", &Config::domain,
                "Domain in front of which a bucket's name may stand, as in BUCKET.s3.example.org; "
                "empty serves buckets in the path only."),
        setting("allow_plain_http", &Config::allow_plain_http,
                "Whether the port of S3 takes HTTP without TLS."),
        setting("tls_names", &Config::tls_names,
                "Further names and addresses under which users reach S3, between commas, for the "
                "certificate it shows."),
        setting("objects_dir", &Config::objects_dir,
                "Folder of the objects' bytes; empty is state_dir/objects."),
        setting("free_reserve_mib", &Config::free_reserve_mib,
                "MiB of the disk that uploads leave free.", {0, 1 << 20}),
        setting("packed_kib_max", &Config::packed_kib_max,
                "Objects up to so many KiB share files, packs, and with them the disk's syncs; 0 "
                "gives each object a file.",
                {0, 1024}),
        setting("pack_mib", &Config::pack_mib, "Size in MiB at which a new pack is begun.",
                {1, 4096}),
        setting("pack_collection_s", &Config::pack_collection,
                "Seconds between looks at the packs: one of which half is deleted is written anew "
                "and given back.",
                {1, 86400}),
        setting("access_log_roll_s", &Config::access_log_roll,
                "Seconds after which the next request to a bucket has the records of its access "
                "log put where they belong; where no request comes, it takes twelve times as long.",
                {1, 3600}),
        setting("scrub_mib_per_s", &Config::scrub_mib_per_s,
                "MiB a second that are read in the background to find damaged objects; 0 reads "
                "none.",
                {0, 10000}),
        setting("scrub_every_s", &Config::scrub_every,
                "Seconds between the beginnings of two readings of all objects.", {1, 86400 * 365}),
        setting("buckets_per_account", &Config::buckets_per_account,
                "Buckets that one account may own.", {1, 1000000}),
        setting("connections_max", &Config::connections_max,
                "Connections to S3 at one time; more are refused.", {1, 100000}),
        setting("worker_threads", &Config::worker_threads,
                "Threads that write, read and hash objects.", {2, 256}),
        setting("storage_classes", &Config::storage_classes,
                "Storage classes that objects may name beside STANDARD, between commas. They are "
                "labels: all objects lie on the same disk."),
        setting("kms_keys", &Config::kms_keys,
                "Names, between commas, of keys that requests for encryption with aws:kms may use. "
                "They are made of the store's master key."),
        setting("lifecycle_day_s", &Config::lifecycle_day,
                "Seconds that a day of lifecycle rules has; less than 86400 is for tests.",
                {1, 86400}),
        setting("identities_age_max_s", &Config::identities_age_max,
                "Seconds that S3 goes on with the accounts and keys it knows while the cloud "
                "controller cannot be reached.",
                {60, 86400 * 365}),
    };
    return config::with_daemon_settings("S3", std::move(own));
  }
};

}  // namespace angophora::walrus
