#include "nc/hypervisor/domain_xml.h"

#include "common/xml/writer.h"

namespace angophora::nc {

namespace {

using xml::Writer;

bool is_xen(const DomainStyle& style) { return style.virtualization == Virtualization::xen; }

// Element with one or two attributes and nothing inside.
void write_simple(Writer& w, const char* element, const char* name, std::string_view value) {
  w.open(element).attribute(name, value).close();
}

void write_identity(Writer& w, const DomainPlan& plan, const DomainStyle& style) {
  w.element("name", plan.id.value).element("uuid", plan.uuid).element("title", style.owner);
  w.open("memory").attribute("unit", "MiB").text(std::to_string(plan.memory_mib)).close();
  w.element("vcpu", plan.vcpus);
}

// What the guest reads in /sys/class/dmi: serial and uuid must be the same and begin with ec2.
void write_sysinfo(Writer& w, const DomainPlan& plan) {
  w.open("sysinfo").attribute("type", "smbios").open("system");
  w.open("entry").attribute("name", "manufacturer").text("Angophora").close();
  w.open("entry").attribute("name", "serial").text(plan.uuid).close();
  w.open("entry").attribute("name", "uuid").text(plan.uuid).close();
  w.close().close();
}

void write_direct_boot(Writer& w, const DomainPlan& plan) {
  if (plan.kernel_path.empty()) return;
  w.element("kernel", plan.kernel_path);
  if (!plan.ramdisk_path.empty()) w.element("initrd", plan.ramdisk_path);
  if (!plan.kernel_arguments.empty()) w.element("cmdline", plan.kernel_arguments);
}

void write_os(Writer& w, const DomainPlan& plan) {
  w.open("os");
  w.open("type").attribute("arch", "x86_64").attribute("machine", "q35").text("hvm").close();
  write_direct_boot(w, plan);
  if (plan.kernel_path.empty()) write_simple(w, "boot", "dev", "hd");
  write_simple(w, "smbios", "mode", "sysinfo");
  w.close();
}

// A paravirtual guest boots its kernel without firmware; a whole disk needs a full machine.
void write_xen_os(Writer& w, const DomainPlan& plan) {
  w.open("os").element("type", plan.kernel_path.empty() ? "hvm" : "linux");
  write_direct_boot(w, plan);
  if (plan.kernel_path.empty()) write_simple(w, "boot", "dev", "hd");
  w.close();
}

void write_processor(Writer& w, Virtualization virtualization) {
  w.open("features").empty("acpi").empty("apic");
  if (virtualization == Virtualization::qemu) {
    // Without a bound the translation cache alone takes more memory than a small guest.
    w.open("tcg").open("tb-cache").attribute("unit", "MiB").text("32").close().close();
  }
  w.close();
  if (virtualization == Virtualization::kvm) {
    w.open("cpu").attribute("mode", "host-passthrough").attribute("migratable", "on").close();
  } else {
    w.open("cpu").attribute("mode", "custom").attribute("match", "exact");
    w.element("model", "qemu64").close();
  }
}

void write_life_cycle(Writer& w) {
  write_simple(w, "clock", "offset", "utc");
  w.element("on_poweroff", "destroy").element("on_reboot", "restart");
  w.element("on_crash", "restart");
}

void write_pci(Writer& w, std::uint32_t ports) {
  w.open("controller").attribute("type", "pci").attribute("model", "pcie-root").close();
  for (std::uint32_t i = 0; i < ports; ++i)
    w.open("controller").attribute("type", "pci").attribute("model", "pcie-root-port").close();
}

// Formats stand in full down to the raw image, so that nothing is ever guessed from bytes that a
// user wrote. A disk that cannot grow, and a volume that is away, pause the guest instead of
// failing what it reads or writes.
void write_disk(Writer& w, const Disk& disk, const DomainStyle& style) {
  const bool nbd = !disk.socket.empty();
  w.open("disk").attribute("type", nbd ? "network" : "file").attribute("device", "disk");
  w.open("driver").attribute("name", "qemu").attribute("type", disk.format);
  if (!is_xen(style)) {
    w.attribute("cache", nbd ? "none" : style.disk_cache);
    w.attribute("error_policy", nbd ? "stop" : "enospace").attribute("discard", "unmap");
  }
  w.close();
  if (nbd) {
    w.open("source").attribute("protocol", "nbd").attribute("name", disk.path);
    w.open("host").attribute("transport", "unix").attribute("socket", disk.socket).close().close();
  } else {
    w.open("source").attribute("file", disk.path).close();
  }
  if (!disk.backing_path.empty()) {
    w.open("backingStore").attribute("type", "file");
    write_simple(w, "format", "type", "raw");
    w.open("source").attribute("file", disk.backing_path).close();
    w.empty("backingStore").close();
  }
  w.open("target").attribute("dev", disk.target);
  w.attribute("bus", is_xen(style) ? "xen" : "virtio").close();
  if (!disk.serial.empty()) w.element("serial", disk.serial);
  w.close();
}

// The tap is ours, so libvirt must not make, configure or remove it.
void write_card(Writer& w, const Card& card, const DomainStyle& style) {
  w.open("interface").attribute("type", "ethernet");
  w.open("mac").attribute("address", card.mac_address).close();
  w.open("target").attribute("dev", card.tap);
  if (!is_xen(style)) w.attribute("managed", "no");
  w.close();
  if (!is_xen(style)) write_simple(w, "model", "type", "virtio");
  w.close();
}

void write_console(Writer& w, const DomainPlan& plan) {
  w.open("serial").attribute("type", "file");
  w.open("source").attribute("path", plan.console_path).attribute("append", "on").close();
  w.open("target").attribute("port", "0").close().close();
}

void write_xen_console(Writer& w) {
  w.open("console").attribute("type", "pty");
  w.open("target").attribute("type", "xen").attribute("port", "0").close().close();
}

void write_rng(Writer& w) {
  w.open("rng").attribute("model", "virtio");
  w.open("backend").attribute("model", "random").text("/dev/urandom").close().close();
}

void write_devices(Writer& w, const DomainPlan& plan, const DomainStyle& style) {
  w.open("devices");
  if (!is_xen(style)) write_pci(w, style.hotplug_ports);
  for (const auto& disk : plan.disks) write_disk(w, disk, style);
  for (const auto& card : plan.cards) write_card(w, card, style);
  if (is_xen(style)) {
    write_xen_console(w);
  } else {
    write_console(w, plan);
    write_rng(w);
    // Boot loaders of whole disks may insist on a screen, though nobody looks at it.
    if (plan.kernel_path.empty())
      w.open("video").open("model").attribute("type", "vga").close().close();
  }
  w.close();
}

}  // namespace

std::string domain_xml(const DomainPlan& plan, const DomainStyle& style) {
  Writer w(Writer::Declaration::no);
  w.open("domain").attribute("type", to_string(style.virtualization));
  write_identity(w, plan, style);
  if (is_xen(style)) {
    write_xen_os(w, plan);
  } else {
    write_sysinfo(w, plan);
    write_os(w, plan);
    write_processor(w, style.virtualization);
  }
  write_life_cycle(w);
  write_devices(w, plan, style);
  w.close();
  return std::move(w).finish();
}

std::string disk_xml(const Disk& disk, const DomainStyle& style) {
  Writer w(Writer::Declaration::no);
  write_disk(w, disk, style);
  return std::move(w).finish();
}

std::string_view to_string(Virtualization v) {
  switch (v) {
    case Virtualization::kvm:
      return "kvm";
    case Virtualization::qemu:
      return "qemu";
    case Virtualization::xen:
      return "xen";
  }
  return "unknown";
}

}  // namespace angophora::nc
