#include "clc/actions/launch.h"

#include "clc/domain/address_errors.h"
#include "clc/domain/capacity.h"
#include "clc/domain/instance_errors.h"
#include "clc/store/client_tokens.h"
#include "clc/store/events.h"
#include "clc/store/images.h"
#include "clc/store/instances.h"
#include "clc/store/key_pairs.h"
#include "clc/store/public_addresses.h"
#include "clc/store/security_groups.h"

namespace angophora::clc {
namespace {

constexpr char kAction[] = "RunInstances";
constexpr int kMacTries = 4;

Error no_such_image(const ImageId& id) {
  return {ImageErrc::not_found, "The image id '[" + id.value + "]' does not exist"};
}

Result<Image> usable_image(Tx& tx, const AccountId& account, const ImageId& id, ImageKind kind) {
  if (!is_image_id(id.value))
    return Error(ImageErrc::malformed_id,
                 "Invalid id: \"" + id.value + "\" (expecting \"emi-...\")");
  TRY(auto image, Images(tx).find(id));
  if (!image || !image->visible_to(account)) return no_such_image(id);
  if (!image->available)
    return Error(ImageErrc::unavailable, "The image '" + id.value + "' was deregistered");
  if (image->kind != kind)
    return Error(RequestErrc::invalid_value,
                 "Invalid id: '" + id.value + "' is a " + std::string(to_string(image->kind)) +
                     " image, not a " + std::string(to_string(kind)) + " image");
  return std::move(*image);
}

Result<> choose_images(Tx& tx, const LaunchRequest& request, Instance& model) {
  TRY(const auto image, usable_image(tx, request.account, request.image, ImageKind::machine));
  // Which every instance type runs on the machines that nodes can be.
  if (image.architecture != "x86_64" && image.architecture != "i386")
    return Error(RequestErrc::invalid_value, "The architecture '" + image.architecture +
                                                 "' of the image '" + image.id.value +
                                                 "' does not match that of the instance type " +
                                                 request.type.name + " (x86_64, i386)");
  model.image = image.id;
  model.architecture = image.architecture;
  model.kernel = request.kernel.empty() ? image.kernel : request.kernel;
  model.ramdisk = request.ramdisk.empty() ? image.ramdisk : request.ramdisk;
  if (model.kernel.empty() && !model.ramdisk.empty())
    return Error(RequestErrc::invalid_combination,
                 "A ramdisk image can only be used together with a kernel image");
  // Who may run an image may run it with the kernel and ramdisk that its owner gave it.
  const auto boots_with = [&](const ImageId& id, const ImageId& own, ImageKind kind) -> Result<> {
    if (id.empty()) return common::ok();
    TRY_VOID(usable_image(tx, id == own ? image.owner : request.account, id, kind));
    return common::ok();
  };
  TRY_VOID(boots_with(model.kernel, image.kernel, ImageKind::kernel));
  TRY_VOID(boots_with(model.ramdisk, image.ramdisk, ImageKind::ramdisk));
  constexpr std::int64_t kGib = std::int64_t{1} << 30;
  if (image.bytes > request.type.resources.disk_gib * kGib)
    return Error(RequestErrc::invalid_combination,
                 "The image '" + image.id.value + "' needs a disk of " +
                     std::to_string((image.bytes + kGib - 1) / kGib) + " GiB; instance type " +
                     request.type.name + " has " + std::to_string(request.type.resources.disk_gib) +
                     " GiB");
  return common::ok();
}

Result<> choose_groups(Tx& tx, common::Runtime& runtime, const LaunchRequest& request,
                       Instance& model) {
  TRY(const auto network, ensure_default_network(tx, runtime, request.account, request.cidr));
  model.vpc = network.vpc;
  SecurityGroups groups(tx);
  const auto add = [&](const SecurityGroup& group) {
    for (const auto& there : model.groups)
      if (there.id == group.id) return;
    model.groups.push_back({group.id, group.name});
  };
  for (const auto& id : request.groups) {
    if (!is_well_formed_id(id.value, "sg"))
      return Error(GroupErrc::malformed_id,
                   "Invalid id: \"" + id.value + "\" (expecting \"sg-...\")");
    TRY(const auto group, groups.find(request.account, id));
    add(group);
  }
  for (const auto& name : request.group_names) {
    TRY(const auto group, groups.find_by_name(request.account, name));
    add(group);
  }
  if (model.groups.empty()) model.groups.push_back({network.group, kDefaultGroupName});
  return common::ok();
}

Result<> choose_key(Tx& tx, const LaunchRequest& request, Instance& model) {
  if (request.key_name.empty()) return common::ok();
  TRY(const auto key, KeyPairs(tx).find(request.account, request.key_name));
  model.key_name = key.name;
  model.public_key = key.public_key;
  return common::ok();
}

// The zone with the most room, and what its nodes have left.
Result<std::vector<NodeRoom>> choose_zone(Tx& tx, common::Runtime& runtime,
                                          const LaunchRequest& request, Instance& model) {
  std::int64_t most = -1;
  std::vector<NodeRoom> chosen;
  for (const auto& room : request.rooms) {
    TRY(const auto subnet,
        ensure_default_subnet(tx, runtime, request.account, room.zone, request.cidr));
    if (!request.subnet.empty() && subnet != request.subnet) continue;
    TRY(const auto given, NodeUsage(tx).by_node(room.zone));
    TRY(const auto waiting, NodeUsage(tx).unplaced(room.zone));
    auto left = free_by_node(room.nodes, given, waiting);
    const auto fits = fitting(left, request.type.room());
    if (fits <= most) continue;
    most = fits;
    chosen = std::move(left);
    model.zone = room.zone;
    model.subnet = subnet;
  }
  if (most < 0)
    return Error(InstanceErrc::subnet_not_found,
                 "The subnet ID '" + request.subnet.value + "' does not exist");
  if (most < request.min_count)
    return Error(InstanceErrc::insufficient_capacity,
                 "There is not enough capacity for " + std::to_string(request.min_count) + " " +
                     request.type.name + " instance(s) in " + model.zone.value + "; there is for " +
                     std::to_string(most));
  return chosen;
}

// How many of the instances the account and the user may have.
Result<std::int64_t> check_quotas(Tx& tx, const LaunchRequest& request, const Quotas& quotas) {
  const auto& type = request.type;
  return quotas.admit(tx,
                      {{Quota::instances},
                       {Quota::vcpus, type.resources.vcpus},
                       {Quota::memory_mib, type.resources.memory_mib},
                       {Quota::disk_gib, type.resources.disk_gib + type.ephemeral_gib}},
                      request.min_count, request.max_count);
}

// How many public addresses there are for these instances.
Result<std::int64_t> check_public_addresses(Tx& tx, const LaunchRequest& request) {
  TRY(const auto count, PublicAddresses(tx).count_free(request.pool));
  if (count >= request.min_count) return count;
  return Error(AddressErrc::insufficient_capacity,
               "There are not enough free public addresses for " +
                   std::to_string(request.min_count) + " instance(s); there are " +
                   std::to_string(count));
}

// One that comes and goes with the instance.
Result<> give_public_address(Tx& tx, const LaunchRequest& request, Instance& instance) {
  PublicAddress given;
  TRY(given.address, PublicAddresses(tx).find_free(request.pool));
  given.account = instance.account;
  given.instance = instance.id;
  given.allocated_at = request.now;
  instance.public_ip = given.address;
  return PublicAddresses(tx).insert(given);
}

Result<Instance> add_one(Tx& tx, common::Runtime& runtime, const LaunchRequest& request,
                         Instance instance) {
  instance.id = new_id<InstanceId>(runtime, "i");
  std::vector<std::string> macs;
  for (int i = 0; i < kMacTries; ++i) macs.push_back(format_mac(runtime.random_bytes(4)));
  TRY(const auto taken, Addresses(tx).take(request.network, instance.id, macs));
  instance.private_ip = taken.address;
  instance.mac = taken.mac;
  if (request.wants_public_address) TRY_VOID(give_public_address(tx, request, instance));
  TRY_VOID(Instances(tx).insert(instance));
  TRY_VOID(Events(tx).append(
      {instance.account, "instance.pending", instance.id.value,
       "type=" + instance.type + " image=" + instance.image.value + " zone=" + instance.zone.value},
      request.now));
  return instance;
}

}  // namespace

Result<std::optional<std::vector<Instance>>> launched_before(Tx& tx, const AccountId& account,
                                                             const ClientToken& token) {
  using Earlier = std::optional<std::vector<Instance>>;
  TRY(const auto earlier, ClientTokens(tx).find(account, kAction, token.value, token.parameters));
  if (!earlier) return Earlier();
  TRY(auto instances, Instances(tx).of_reservation(ReservationId(*earlier)));
  return Earlier(std::move(instances));
}

Result<std::vector<Instance>> launch(Tx& tx, common::Runtime& runtime, LaunchRequest request,
                                     const Quotas& quotas) {
  const auto& token = request.client_token;
  TRY(auto earlier, launched_before(tx, request.account, token));
  if (earlier) return std::move(*earlier);

  auto model = std::move(request.model);
  model.account = request.account;
  model.reservation = new_id<ReservationId>(runtime, "r");
  model.type = request.type.name;
  model.resources = request.type.resources;
  model.ephemeral_gib = request.type.ephemeral_gib;
  model.swap_mib = request.type.swap_mib;
  model.client_token = token.value;
  model.launched_at = model.changed_at = request.now;
  TRY_VOID(choose_images(tx, request, model));
  TRY_VOID(choose_key(tx, request, model));
  TRY_VOID(choose_groups(tx, runtime, request, model));
  std::optional<InstanceProfile> profile;
  if (request.profile) {
    TRY(profile, find_profile(tx, request.account, *request.profile));
  }
  TRY(auto count, check_quotas(tx, request, quotas));
  TRY(auto rooms, choose_zone(tx, runtime, request, model));
  if (request.wants_public_address) {
    TRY(const auto free_addresses, check_public_addresses(tx, request));
    count = std::min(count, free_addresses);
  }

  std::vector<Instance> launched;
  for (std::int64_t index = 0; index < count; ++index) {
    // A yes is a yes to room on a certain node, kept for it until it has one. Which node it gets,
    // the zone's policy chooses.
    const auto* promised = take_room(rooms, request.type.room());
    if (!promised) break;
    model.promised_node = *promised;
    model.launch_index = index;
    if (profile) model.profile = new_profile_use(runtime, *profile);
    TRY(auto instance, add_one(tx, runtime, request, model));
    TRY_VOID(quotas.made(tx, Quota::instances, instance.id.value));
    launched.push_back(std::move(instance));
  }
  TRY_VOID(ClientTokens(tx).keep(request.account, kAction, token.value, token.parameters,
                                 model.reservation.value, request.now));
  return launched;
}

}  // namespace angophora::clc
