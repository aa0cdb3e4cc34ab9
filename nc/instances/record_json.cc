#include "nc/instances/record_json.h"

#include <boost/json.hpp>

#include "common/base/encoding.h"

namespace angophora::nc {

using common::Errc;
using common::Error;
using common::Result;

namespace json = boost::json;

namespace {

std::string_view name_of(ImageKind kind) {
  switch (kind) {
    case ImageKind::machine:
      return "machine";
    case ImageKind::kernel:
      return "kernel";
    case ImageKind::ramdisk:
      return "ramdisk";
  }
  return "machine";
}

json::value image_value(const ImageRef& image) {
  return {{"id", image.id.value},
          {"kind", name_of(image.kind)},
          {"size_bytes", image.size_bytes},
          {"whole_disk", image.whole_disk}};
}

json::value image_value(const std::optional<ImageRef>& image) {
  return image ? image_value(*image) : json::value(nullptr);
}

json::value type_value(const InstanceType& type) {
  return {{"name", type.name},
          {"vcpus", type.vcpus},
          {"memory_mib", type.memory_mib},
          {"disk_gib", type.disk_gib},
          {"ephemeral_gib", type.ephemeral_gib},
          {"swap_mib", type.swap_mib}};
}

json::value net_value(const NetConfig& net) {
  return {{"mac_address", net.mac_address},
          {"private_ip", net.private_ip},
          {"public_ip", net.public_ip},
          {"device_index", net.device_index}};
}

std::int64_t ms_of(common::SysTime t) { return t.time_since_epoch().count(); }
common::SysTime time_of(std::int64_t ms) { return common::SysTime(std::chrono::milliseconds(ms)); }

json::value spec_value(const InstanceSpec& spec) {
  return {{"id", spec.id.value},
          {"reservation_id", spec.reservation_id.value},
          {"account_id", spec.account_id.value},
          {"placement_no", spec.placement_no},
          {"launch_index", spec.launch_index},
          {"launch_time_ms", ms_of(spec.launch_time)},
          {"zone", spec.zone},
          {"type", type_value(spec.type)},
          {"machine_image", image_value(spec.machine_image)},
          {"kernel_image", image_value(spec.kernel_image)},
          {"ramdisk_image", image_value(spec.ramdisk_image)},
          {"kernel_arguments", spec.kernel_arguments},
          {"key_name", spec.key_name},
          {"public_key", spec.public_key},
          {"user_data_base64", common::base64_encode(spec.user_data)},
          {"hostname", spec.hostname},
          {"net", net_value(spec.net)},
          {"group_names", json::value_from(spec.group_names)},
          {"metadata_tokens_required", spec.metadata_tokens_required}};
}

json::value export_value(const std::optional<VolumeExport>& exported) {
  if (!exported) return nullptr;
  return {{"host", exported->host},       {"port", exported->port},
          {"name", exported->name},       {"username", exported->username},
          {"key_hex", exported->key_hex}, {"size_bytes", exported->size_bytes}};
}

json::value volumes_value(const std::map<VolumeId, Attachment>& volumes) {
  json::array all;
  for (const auto& [id, a] : volumes)
    all.push_back({{"volume", id.value},
                   {"epoch", a.epoch},
                   {"device", a.device},
                   {"target", a.target},
                   {"storage_name", a.storage.name},
                   {"storage_host", a.storage.host},
                   {"storage_port", a.storage.port},
                   {"state", to_string(a.state)},
                   {"reason", a.reason},
                   {"failing", a.failing},
                   {"forced", a.forced},
                   {"cut_off", a.cut_off},
                   {"exported", export_value(a.exported)}});
  return all;
}

// Reads members of one object; throws what Boost.JSON throws, and Error for our own complaints.
class Reader {
 public:
  explicit Reader(const json::value& value) : object_(value.as_object()) {}

  const json::value& at(const char* name) const { return object_.at(name); }
  std::string text(const char* name) const { return std::string(at(name).as_string()); }
  bool flag(const char* name) const { return at(name).as_bool(); }
  template <class Integer>
  Integer number(const char* name) const {
    return at(name).to_number<Integer>();
  }

 private:
  const json::object& object_;
};

ImageRef image_from(const json::value& value) {
  const Reader r(value);
  ImageRef image;
  image.id = ImageId(r.text("id"));
  for (const auto kind : {ImageKind::kernel, ImageKind::ramdisk})
    if (name_of(kind) == r.text("kind")) image.kind = kind;
  image.size_bytes = r.number<std::uint64_t>("size_bytes");
  image.whole_disk = r.flag("whole_disk");
  return image;
}

std::optional<ImageRef> optional_image_from(const json::value& value) {
  if (value.is_null()) return std::nullopt;
  return image_from(value);
}

InstanceType type_from(const json::value& value) {
  const Reader r(value);
  return {r.text("name"),
          r.number<std::uint32_t>("vcpus"),
          r.number<std::uint32_t>("memory_mib"),
          r.number<std::uint32_t>("disk_gib"),
          r.number<std::uint32_t>("ephemeral_gib"),
          r.number<std::uint32_t>("swap_mib")};
}

NetConfig net_from(const json::value& value) {
  const Reader r(value);
  return {r.text("mac_address"), r.text("private_ip"), r.text("public_ip"),
          r.number<std::uint32_t>("device_index")};
}

Result<InstanceSpec> spec_from(const json::value& value) {
  const Reader r(value);
  InstanceSpec spec;
  spec.id = InstanceId(r.text("id"));
  spec.reservation_id = ReservationId(r.text("reservation_id"));
  spec.account_id = AccountId(r.text("account_id"));
  spec.placement_no = r.number<std::int64_t>("placement_no");
  spec.launch_index = r.number<std::uint32_t>("launch_index");
  spec.launch_time = time_of(r.number<std::int64_t>("launch_time_ms"));
  spec.zone = r.text("zone");
  spec.type = type_from(r.at("type"));
  spec.machine_image = image_from(r.at("machine_image"));
  spec.kernel_image = optional_image_from(r.at("kernel_image"));
  spec.ramdisk_image = optional_image_from(r.at("ramdisk_image"));
  spec.kernel_arguments = r.text("kernel_arguments");
  spec.key_name = r.text("key_name");
  spec.public_key = r.text("public_key");
  const auto user_data = common::base64_decode(r.text("user_data_base64"));
  if (!user_data) return Error(Errc::corrupt, "its user data is not base64");
  spec.user_data = *user_data;
  spec.hostname = r.text("hostname");
  spec.net = net_from(r.at("net"));
  spec.group_names = json::value_to<std::vector<std::string>>(r.at("group_names"));
  spec.metadata_tokens_required = r.flag("metadata_tokens_required");
  return spec;
}

VolumeExport export_from(const json::value& value) {
  const Reader r(value);
  return {r.text("host"),    r.number<std::uint16_t>("port"),
          r.text("name"),    r.text("username"),
          r.text("key_hex"), r.number<std::uint64_t>("size_bytes")};
}

Result<Attachment> attachment_from(const json::value& value) {
  const Reader r(value);
  Attachment a;
  a.volume = VolumeId(r.text("volume"));
  a.epoch = r.number<std::int64_t>("epoch");
  a.device = r.text("device");
  a.target = r.text("target");
  a.storage = {r.text("storage_name"), r.text("storage_host"),
               r.number<std::uint16_t>("storage_port")};
  const auto state = parse_attachment_state(r.text("state"));
  if (!state) return Error(Errc::corrupt, "a volume of it is in no state that exists");
  a.state = *state;
  a.reason = r.text("reason");
  a.failing = r.flag("failing");
  a.forced = r.flag("forced");
  a.cut_off = r.flag("cut_off");
  if (!r.at("exported").is_null()) a.exported = export_from(r.at("exported"));
  return a;
}

// Records of nodes without volumes have none.
Result<std::map<VolumeId, Attachment>> volumes_from(const json::object& record) {
  std::map<VolumeId, Attachment> volumes;
  const auto* all = record.if_contains("volumes");
  if (!all) return volumes;
  for (const auto& value : all->as_array()) {
    TRY(auto attachment, attachment_from(value));
    volumes[attachment.volume] = std::move(attachment);
  }
  return volumes;
}

Result<InstanceRecord> record_from(const json::value& value) {
  const Reader r(value);
  InstanceRecord record;
  TRY(record.spec, spec_from(r.at("spec")));
  const auto state = parse_instance_state(r.text("state"));
  if (!state) return Error(Errc::corrupt, "it is in no state that exists");
  record.state = *state;
  record.reason = r.text("reason");
  record.failing = r.flag("failing");
  record.tap = r.text("tap");
  record.host_boot = r.text("host_boot");
  record.restarts = r.number<std::uint32_t>("restarts");
  record.changed_at = time_of(r.number<std::int64_t>("changed_at_ms"));
  record.sequence = r.number<std::uint64_t>("sequence");
  TRY(record.volumes, volumes_from(value.as_object()));
  return record;
}

}  // namespace

std::string to_json(const InstanceRecord& record) {
  const json::value value = {{"spec", spec_value(record.spec)},
                             {"state", to_string(record.state)},
                             {"reason", record.reason},
                             {"failing", record.failing},
                             {"tap", record.tap},
                             {"host_boot", record.host_boot},
                             {"restarts", record.restarts},
                             {"changed_at_ms", ms_of(record.changed_at)},
                             {"sequence", record.sequence},
                             {"volumes", volumes_value(record.volumes)}};
  return json::serialize(value);
}

Result<InstanceRecord> record_from_json(std::string_view text) {
  try {
    return record_from(json::parse(json::string_view(text.data(), text.size())));
  } catch (const std::exception& e) {
    return Error(Errc::corrupt, std::string("it is not a record: ") + e.what());
  }
}

}  // namespace angophora::nc
