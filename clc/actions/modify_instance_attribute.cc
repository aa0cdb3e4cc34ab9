// ModifyInstanceAttribute: changes one attribute of an instance. In the present form
// (DisableApiTermination.Value) and in the old one (Attribute, Value).
#include "clc/actions/instance_attribute.h"
#include "clc/domain/instance_errors.h"
#include "clc/domain/volume_errors.h"
#include "clc/store/events.h"
#include "clc/store/instance_attributes.h"
#include "common/log/log.h"

namespace angophora::clc {

// The one thing that instances do when their guest shuts down.
enum class AttributeShutdown { terminate };
constexpr auto wire_names(AttributeShutdown) {
  return std::to_array<std::pair<const char*, AttributeShutdown>>(
      {{"terminate", AttributeShutdown::terminate}});
}

namespace actions::modify_instance_attribute {
namespace {

using A = InstanceAttribute;

template <class T>
struct Valued {
  T value{};
  static auto params() { return std::to_array({required<&Valued::value>("Value")}); }
};
// Also "", which empties the attribute.
struct ValuedText {
  std::string value;
  static auto params() { return std::to_array({optional<&ValuedText::value>("Value")}); }
};

struct BlockDevice {
  std::optional<bool> delete_on_termination;
  VolumeId volume;
  static auto params() {
    return std::to_array({optional<&BlockDevice::delete_on_termination>("DeleteOnTermination"),
                          optional<&BlockDevice::volume>("VolumeId")});
  }
};
struct Mapping {
  std::string device;
  BlockDevice ebs;
  static auto params() {
    return std::to_array(
        {optional<&Mapping::device>("DeviceName"), optional<&Mapping::ebs>("Ebs"),
         refused<Mapping>("NoDevice", "detach the volume"),
         refused<Mapping>("VirtualName", "instances have the disks of their type")});
  }
};

struct Request {
  InstanceId id;
  std::optional<InstanceAttribute> attribute;
  std::optional<std::string> value;
  std::optional<Valued<bool>> termination_protection;
  std::optional<Valued<bool>> stop_protection;
  std::optional<Valued<bool>> source_dest_check;
  std::optional<Valued<bool>> ebs_optimized;
  std::optional<Valued<AttributeShutdown>> shutdown;
  std::optional<Valued<std::string>> type;
  std::optional<ValuedText> kernel;
  std::optional<ValuedText> ramdisk;
  std::optional<ValuedText> user_data;
  std::vector<GroupId> groups;
  std::vector<Mapping> devices;
};

constexpr Param<Request> kParams[] = {
    required<&Request::id>("InstanceId"),
    optional<&Request::attribute>("Attribute"),
    optional<&Request::value>("Value"),
    optional<&Request::termination_protection>("DisableApiTermination"),
    optional<&Request::stop_protection>("DisableApiStop"),
    optional<&Request::source_dest_check>("SourceDestCheck"),
    optional<&Request::ebs_optimized>("EbsOptimized"),
    optional<&Request::shutdown>("InstanceInitiatedShutdownBehavior"),
    optional<&Request::type>("InstanceType"),
    optional<&Request::kernel>("Kernel"),
    optional<&Request::ramdisk>("Ramdisk"),
    optional<&Request::user_data>("UserData"),
    optional<&Request::groups>("GroupId"),
    optional<&Request::devices>("BlockDeviceMapping"),
    refused<Request>("SriovNetSupport", "interfaces are virtio"),
    refused<Request>("EnaSupport", "interfaces are virtio"),
};

Error unsupported(std::string what) {
  return {RequestErrc::unsupported_operation, std::move(what)};
}

Result<bool> truth(const Request& request) {
  if (*request.value == "true" || *request.value == "1") return true;
  if (*request.value == "false" || *request.value == "0") return false;
  return invalid_value("Value", *request.value, "true or false");
}

// Brings the old form into the present one.
Result<> modernise(Request& request) {
  if (!request.attribute) {
    if (request.value) return missing_parameter("Attribute");
    return common::ok();
  }
  // Beside Attribute these carry their values in parameters of their own.
  if (*request.attribute == A::groups || *request.attribute == A::block_devices)
    return common::ok();
  if (!request.value) return missing_parameter("Value");
  switch (*request.attribute) {
    case A::termination_protection: {
      TRY(const bool value, truth(request));
      request.termination_protection = Valued<bool>{value};
      return common::ok();
    }
    case A::stop_protection: {
      TRY(const bool value, truth(request));
      request.stop_protection = Valued<bool>{value};
      return common::ok();
    }
    case A::source_dest_check: {
      TRY(const bool value, truth(request));
      request.source_dest_check = Valued<bool>{value};
      return common::ok();
    }
    case A::ebs_optimized: {
      TRY(const bool value, truth(request));
      request.ebs_optimized = Valued<bool>{value};
      return common::ok();
    }
    case A::shutdown_behavior:
      if (*request.value != "terminate") return invalid_value("Value", *request.value, "terminate");
      request.shutdown = Valued<AttributeShutdown>{};
      return common::ok();
    case A::type:
      request.type = Valued<std::string>{*request.value};
      return common::ok();
    case A::kernel:
      request.kernel = ValuedText{*request.value};
      return common::ok();
    case A::ramdisk:
      request.ramdisk = ValuedText{*request.value};
      return common::ok();
    case A::user_data:
      request.user_data = ValuedText{*request.value};
      return common::ok();
    default:
      return unsupported("The attribute " + std::string(name_of(*request.attribute)) +
                         " cannot be changed");
  }
}

// EC2 takes one at a time.
Result<> check_one(const Request& request) {
  const int count = request.termination_protection.has_value() +
                    request.stop_protection.has_value() + request.source_dest_check.has_value() +
                    request.ebs_optimized.has_value() + request.shutdown.has_value() +
                    request.type.has_value() + request.kernel.has_value() +
                    request.ramdisk.has_value() + request.user_data.has_value() +
                    !request.groups.empty() + !request.devices.empty();
  if (count == 1) return common::ok();
  return Error(
      RequestErrc::invalid_combination,
      count == 0 ? "No attributes specified." : "Fields for multiple attribute types specified");
}

Result<> set_devices(Tx& tx, const Instance& instance, const std::vector<Mapping>& devices) {
  for (const auto& mapping : devices) {
    if (mapping.device.empty() && mapping.ebs.volume.empty())
      return missing_parameter("BlockDeviceMapping.1.DeviceName");
    if (!mapping.ebs.delete_on_termination)
      return missing_parameter("BlockDeviceMapping.1.Ebs.DeleteOnTermination");
    TRY(const bool found,
        InstanceAttributes(tx).set_delete_on_termination(
            instance.id, mapping.ebs.volume, mapping.device, *mapping.ebs.delete_on_termination));
    if (!found)
      return Error(VolumeErrc::attachment_not_found,
                   "No device is currently mapped at " +
                       (mapping.device.empty() ? mapping.ebs.volume.value : mapping.device));
  }
  return common::ok();
}

Result<> apply(Tx& tx, const Instance& instance, const Request& request) {
  InstanceAttributes attributes(tx);
  if (request.type || request.kernel || request.ramdisk || request.user_data ||
      request.ebs_optimized)
    return must_be_stopped(instance);
  if (request.stop_protection && request.stop_protection->value)
    return unsupported("The instance '" + instance.id.value +
                       "' has no 'ebs' root device: it cannot be stopped by anybody");
  if (request.source_dest_check && !request.source_dest_check->value)
    return unsupported("The sender's address of an instance's packets is always checked");
  if (request.termination_protection)
    return attributes.set_termination_protected(instance.id, request.termination_protection->value);
  if (!request.devices.empty()) return set_devices(tx, instance, request.devices);
  if (request.groups.empty()) return common::ok();  // what was asked for is so already
  TRY(const auto groups, chosen_groups(tx, instance.account, request.groups));
  return attributes.set_groups(instance.id, groups);
}

Result<> modify(Tx& tx, const Caller& caller, const Request& request, common::SysTime now) {
  TRY(const auto instance, named_instance(tx, caller, request.id));
  if (instance.state != InstanceState::running && instance.state != InstanceState::pending)
    return Error(InstanceErrc::incorrect_state, "The instance '" + instance.id.value + "' is '" +
                                                    std::string(to_string(instance.state)) +
                                                    "': nothing of it can be changed");
  TRY_VOID(apply(tx, instance, request));
  return Events(tx).append(
      {instance.account, "instance.modified", instance.id.value, "user=" + caller.user_name}, now);
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY_VOID(modernise(request));
  CO_TRY_VOID(check_one(request));
  const auto now = s.runtime.now();
  const auto change = [=](Tx& tx) { return modify(tx, caller, request, now); };
  CO_TRY_VOID(co_await commit(s, caller, change));
  s.changes.network.notify();
  log::info("instance.modified", {{"request_id", caller.request_id}, {"instance", request.id}});
  co_return reply_true();
}

}  // namespace

extern const Action ModifyInstanceAttribute{
    .name = "ModifyInstanceAttribute",
    .permission = "ec2:ModifyInstanceAttribute",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace actions::modify_instance_attribute
}  // namespace angophora::clc
