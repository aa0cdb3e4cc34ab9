#include "nc/hypervisor/domain_xml.h"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>

namespace angophora::nc {
namespace {

// The stored sample without the white space between its tags.
std::string sample(const std::string& name) {
  std::ifstream file(std::string(SAMPLES_DIR) + "/" + name);
  std::stringstream text;
  text << file.rdbuf();
  auto flat = std::regex_replace(text.str(), std::regex(">\\s+<"), "><");
  while (!flat.empty() && flat.back() == '\n') flat.pop_back();
  return flat;
}

DomainPlan direct_boot() {
  DomainPlan plan;
  plan.id = common::InstanceId("i-0123456789abcdef0");
  plan.uuid = "ec201234-5678-49ab-8cde-f00000000000";
  plan.vcpus = 1;
  plan.memory_mib = 96;
  plan.kernel_path = "/nc/cache/eki-1.img";
  plan.ramdisk_path = "/nc/cache/eri-1.img";
  plan.kernel_arguments = "root=/dev/vda console=ttyS0";
  plan.disks = {{"/nc/instances/i-0/root.qcow2", "qcow2", "/nc/cache/emi-1.img", "vda", ""},
                {"/nc/instances/i-0/ephemeral.raw", "raw", "", "vdb", "ephemeral0"}};
  plan.cards = {{"d0:0d:00:00:00:01", "angot1"}};
  plan.console_path = "/nc/instances/i-0/console.log";
  return plan;
}

DomainPlan whole_disk() {
  auto plan = direct_boot();
  plan.kernel_path = plan.ramdisk_path = plan.kernel_arguments = "";
  plan.disks.pop_back();
  return plan;
}

DomainStyle style_of(Virtualization virtualization) {
  DomainStyle style;
  style.virtualization = virtualization;
  style.owner = "angophora node-1";
  style.hotplug_ports = 2;
  return style;
}

TEST(DomainXml, BootsAKernelDirectlyUnderTcg) {
  EXPECT_EQ(domain_xml(direct_boot(), style_of(Virtualization::qemu)),
            sample("direct_boot_qemu.xml"));
}

TEST(DomainXml, BootsAWholeDiskUnderKvm) {
  EXPECT_EQ(domain_xml(whole_disk(), style_of(Virtualization::kvm)), sample("whole_disk_kvm.xml"));
}

TEST(DomainXml, MakesAParavirtualGuestUnderXen) {
  EXPECT_EQ(domain_xml(direct_boot(), style_of(Virtualization::xen)),
            sample("direct_boot_xen.xml"));
}

Disk volume() {
  return {"volume", "raw", "", "vdf", "vol0123456789abcdef0", "/run/nc-volumes/i-0/vol-0/nbd.sock"};
}

TEST(DomainXml, ConnectsAVolumeThroughASocket) {
  EXPECT_EQ(disk_xml(volume(), style_of(Virtualization::qemu)), sample("volume.xml"));
  auto plan = direct_boot();
  plan.disks.push_back(volume());
  const auto whole = domain_xml(plan, style_of(Virtualization::kvm));
  EXPECT_NE(whole.find(sample("volume.xml")), std::string::npos);
}

TEST(DomainXml, EscapesWhatAUserWrote) {
  auto plan = direct_boot();
  plan.kernel_arguments = "init=</cmdline><devices>\"&";
  const auto text = domain_xml(plan, style_of(Virtualization::qemu));
  EXPECT_NE(text.find("init=&lt;/cmdline&gt;&lt;devices&gt;"), std::string::npos);
}

}  // namespace
}  // namespace angophora::nc
