// Every setting of the node controller.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "common/config/daemon_settings.h"

namespace angophora::nc {

struct Config : config::MemberSettings {
  Config() : MemberSettings("nc", 8775, 9775) {}

  std::string virtualization = "auto";
  std::string libvirt_uri;  // empty: follows from the virtualization
  std::uint32_t vcpus = 0;
  std::uint64_t memory_mib = 0;
  std::uint64_t memory_reserve_mib = 512;
  std::uint64_t disk_gib = 0;
  std::uint64_t disk_margin_mib = 1024;
  std::uint64_t image_cache_mib = 10240;
  std::chrono::seconds image_unused = std::chrono::hours(24 * 7);
  std::uint64_t console_kib = 4096;

  std::chrono::seconds staging_timeout = std::chrono::minutes(30);
  std::chrono::seconds boot_timeout = std::chrono::minutes(5);
  std::chrono::seconds reboot_grace = std::chrono::minutes(2);
  std::chrono::seconds tombstone_age = std::chrono::minutes(15);
  std::uint32_t boots_max = 4;
  std::uint32_t restarts_max = 3;

  std::chrono::seconds attach_timeout = std::chrono::minutes(2);
  std::chrono::seconds volume_reconnect = std::chrono::minutes(2);
  std::string volumes_run_dir = "/run/angophora/nc-volumes";
  std::string network_run_dir = "/run/angophora/nc-network";
  std::string tap_owner = "libvirt-qemu";
  std::string metadata_address = "169.254.168.254";
  std::uint16_t metadata_port = 8780;
  bool masquerade = true;
  std::uint32_t guest_connections_max = 4096;
  std::string public_interface;
  std::string guest_tcp_ports;
  std::uint32_t mtu = 1500;

  static std::vector<config::Setting<Config>> settings() {
    using config::setting;
    std::vector<config::Setting<Config>> own = {
        setting("virtualization", &Config::virtualization,
                "auto, kvm, qemu or xen. auto starts a tiny guest under KVM and falls back to "
                "qemu, which is slow, when that fails."),
        setting("libvirt_uri", &Config::libvirt_uri,
                "Where libvirt listens; empty means qemu:///system, or xen:///system under Xen."),
        setting("vcpus", &Config::vcpus, "Processors that guests may use; 0 means all.", {0, 4096}),
        setting("memory_mib", &Config::memory_mib,
                "Memory for guests in MiB; 0 means all but memory_reserve_mib."),
        setting("memory_reserve_mib", &Config::memory_reserve_mib,
                "Memory that stays with the host, in MiB, when memory_mib is 0."),
        setting(
            "disk_gib", &Config::disk_gib,
            "Disk for guests in GiB; 0 means what is free at the start, beside the image cache."),
        setting("disk_margin_mib", &Config::disk_margin_mib,
                "With less free disk than that, in MiB, the node takes no new instances."),
        setting("image_cache_mib", &Config::image_cache_mib, "Limit of the image cache in MiB.",
                {16, 1ll << 40}),
        setting("image_unused_s", &Config::image_unused,
                "Seconds after which an image that no instance uses leaves the cache.",
                {60, 366 * 86400}),
        setting("console_kib", &Config::console_kib,
                "A guest's console log is turned when it is larger, in KiB.", {64, 1 << 20}),
        setting("staging_timeout_s", &Config::staging_timeout,
                "Seconds in which an instance's images and disks must be there.", {10, 86400}),
        setting("boot_timeout_s", &Config::boot_timeout,
                "Seconds in which network and hypervisor must have started an instance.",
                {10, 3600}),
        setting("reboot_grace_s", &Config::reboot_grace,
                "Seconds that a guest has to reboot itself before it is reset.", {1, 3600}),
        setting("tombstone_age_s", &Config::tombstone_age,
                "Seconds for which an instance that is over is still reported.", {360, 86400}),
        setting("boots_max", &Config::boots_max, "Instances that are started at once.", {1, 64}),
        setting("restarts_max", &Config::restarts_max,
                "How often a guest that crashes is started again.", {0, 1000}),
        setting("attach_timeout_s", &Config::attach_timeout,
                "Seconds in which storage and hypervisor must have attached a volume.", {10, 3600}),
        setting(
            "volume_reconnect_s", &Config::volume_reconnect,
            "Seconds for which a guest's reads and writes wait for a storage controller that is "
            "away; then the guest is paused until it is back.",
            {60, 86400}),
        setting(
            "volumes_run_dir", &Config::volumes_run_dir,
            "Folder of the sockets and keys of attached volumes; a short path, because sockets' "
            "paths are limited."),
        setting("network_run_dir", &Config::network_run_dir,
                "Folder of the files of dnsmasq; readable by its own user."),
        setting("tap_owner", &Config::tap_owner,
                "User that QEMU runs as, and the programs that connect volumes."),
        setting("metadata_address", &Config::metadata_address,
                "Address of the node's own at which the metadata service listens; guests reach it "
                "as 169.254.169.254."),
        setting("metadata_port", &Config::metadata_port, "Port of the metadata service."),
        setting("masquerade", &Config::masquerade,
                "Whether guests without a public address reach the outside under the node's own."),
        setting("guest_connections_max", &Config::guest_connections_max,
                "Connections that one guest may have at once, to it and from it together, so that "
                "it cannot fill the host's table of connections (net.netfilter.nf_conntrack_max) "
                "for all others; 0 means no limit.",
                {0, 1 << 20}),
        setting("public_interface", &Config::public_interface,
                "Interface on which this host answers for its guests' public addresses; empty: "
                "the one in whose network an address is, or else that of the default route."),
        setting("guest_tcp_ports", &Config::guest_tcp_ports,
                "TCP ports of this host that its guests may reach, with commas between them, for "
                "example 8773,8776 where the cloud's own APIs run on the same host. Everything "
                "else of the host but DHCP, DNS and metadata is closed to them."),
        setting("mtu", &Config::mtu, "Largest packet of the guests' network.", {576, 9216}),
    };
    return config::with_daemon_settings("the cluster controller", std::move(own));
  }
};

}  // namespace angophora::nc
