// Every setting of the cloud controller.
#pragma once

#include <chrono>
#include <string>

#include "common/config/daemon_settings.h"

namespace angophora::clc {

struct Config : config::DaemonSettings, config::AuditSettings {
  Config() : DaemonSettings("clc", 8773, 9773) {}

  std::string internal_address = "0.0.0.0";
  std::uint16_t internal_port = 8779;
  std::string host;
  std::string region_name = "angophora";
  bool allow_plain_http = true;
  std::string tls_names;
  std::uint16_t s3_port = 8776;
  std::string instance_network = "10.100.0.0/16";
  std::chrono::seconds enrolment_token_life = std::chrono::hours(24 * 7);
  std::chrono::seconds service_poll_every = std::chrono::seconds(1);
  std::chrono::seconds service_silence_max = std::chrono::seconds(5);
  std::chrono::seconds clock_skew_max = std::chrono::seconds(20);

  static std::vector<config::Setting<Config>> settings() {
    using config::setting;
    std::vector<config::Setting<Config>> own = {
        setting("internal_address", &Config::internal_address,
                "Address where the other daemons reach this one."),
        setting("internal_port", &Config::internal_port,
                "Port where the other daemons reach this one; 0 takes any free one."),
        setting("host", &Config::host,
                "Name or address under which the other daemons reach this one; empty takes "
                "internal_address, or listen_address, unless they mean any."),
        setting("region_name", &Config::region_name, "The name of the one region."),
        setting("allow_plain_http", &Config::allow_plain_http,
                "Whether the public port takes HTTP without TLS."),
        setting("tls_names", &Config::tls_names,
                "Further names and addresses under which users reach the APIs, between commas, for "
                "the certificate they show."),
        setting("s3_port", &Config::s3_port,
                "Public port of Walrus, where S3 requests that come here are pointed to."),
        setting("instance_network", &Config::instance_network,
                "The network of the instances' private addresses, e.g. 10.100.0.0/16."),
        setting("enrolment_token_life_s", &Config::enrolment_token_life,
                "Seconds that a component has to enrol after it was registered.", {60, 86400 * 90}),
        setting("service_poll_every_s", &Config::service_poll_every,
                "Seconds between two questions to a component for its state.", {1, 60}),
        setting("service_silence_max_s", &Config::service_silence_max,
                "Seconds of silence after which a component is NOTREADY.", {2, 600}),
        setting("clock_skew_max_s", &Config::clock_skew_max,
                "Seconds that a component's clock may be off before it is NOTREADY.", {1, 300}),
    };
    return config::with_daemon_settings("the public APIs", std::move(own));
  }
};

}  // namespace angophora::clc
