#include "nc/daemon.h"

namespace angophora::nc {

namespace {

InstancesOptions options_of(const Config& config, const HostFacts& host) {
  InstancesOptions options;
  options.instances_dir = instances_dir(config);
  options.host_boot_id = host.boot_id;
  options.total = host.total;
  options.disk_gib = host.disk_gib;
  options.disk_margin_bytes = config.disk_margin_mib << 20;
  options.console_bytes_max = config.console_kib << 10;
  options.staging_timeout = config.staging_timeout;
  options.boot_timeout = config.boot_timeout;
  options.reboot_grace = config.reboot_grace;
  options.attach_timeout = config.attach_timeout;
  options.tombstone_age = config.tombstone_age;
  options.boots_max = config.boots_max;
  options.restarts_max = config.restarts_max;
  return options;
}

}  // namespace

Daemon::Daemon(common::Runtime& runtime, const Config& config, Name name, HostFacts host,
               Instances::Seams seams)
    : instances_(runtime, seams, options_of(config, host)), services_{runtime,
                                                                      instances_,
                                                                      seams.network,
                                                                      std::move(name.node),
                                                                      std::move(name.zone),
                                                                      ANGOPHORA_VERSION} {
  serve_operations(dispatcher_, services_);
}

common::Task<> Daemon::start() { return instances_.start(); }

std::string instances_dir(const Config& config) { return config.state_dir + "/instances"; }
std::string records_dir(const Config& config) { return config.state_dir + "/records"; }
std::string images_dir(const Config& config) { return config.state_dir + "/images"; }

}  // namespace angophora::nc
