#include "nc/clients/soap_storage_volumes.h"

#include <algorithm>

#include "common/soap/fault.h"

namespace angophora::nc {

using common::Errc;
using common::Error;
using common::Result;
using common::Task;

namespace {

constexpr std::chrono::seconds kTimeout{5};

// A refusal that only the storage controller has a name for is definite. What the message layer
// complains of (certificates, clocks) gets mended.
Error passing(Error error, const StorageRef& storage) {
  const auto& own = make_error_code(Errc::internal).category();
  if (error.code == soap::SoapErrc::refused_by_peer)
    error.code = make_error_code(Errc::permission_denied);
  else if (error.code.category() != own)
    error.code = make_error_code(Errc::unavailable);
  return std::move(error).while_doing(storage.name + " (" + storage.host + ":" +
                                      std::to_string(storage.port) + ")");
}

// These become options of a program and lines of a file.
bool is_plain(const std::string& text) {
  return !text.empty() && text.size() <= 255 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isalnum(c) || c == '-' || c == '_' || c == '.' || c == ':';
         });
}
bool is_hex(const std::string& text) {
  return text.size() >= 32 && text.size() % 2 == 0 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isxdigit(c); });
}

Result<VolumeExport> export_from(const storage__ExportVolumeResponseType& reply) {
  if (!is_plain(reply.host) || reply.port < 1 || reply.port > 65535 ||
      !is_plain(reply.exportName) || !is_plain(reply.pskUsername) ||
      reply.pskUsername.find(':') != std::string::npos || !is_hex(reply.pskKey) ||
      reply.sizeBytes <= 0)
    return Error(Errc::corrupt, "the storage controller's answer cannot be used");
  return VolumeExport{reply.host,       static_cast<std::uint16_t>(reply.port),
                      reply.exportName, reply.pskUsername,
                      reply.pskKey,     static_cast<std::uint64_t>(reply.sizeBytes)};
}

}  // namespace

Task<VolumeExport> SoapStorageVolumes::export_volume(ExportWish wish) {
  soap::storage::ExportVolume::Request request;
  request.volumeId = wish.volume.value;
  request.instanceId = wish.instance.value;
  request.attachmentEpoch = wish.epoch;
  const common::ServiceName to(wish.storage.name);
  const soap::CallOptions options(kTimeout);
  auto asked =
      co_await soap::call<soap::storage::ExportVolume>(channel_, to, std::move(request), options);
  if (!asked) co_return passing(std::move(asked).assume_error(), wish.storage);
  co_return export_from(asked.assume_value());
}

Task<> SoapStorageVolumes::unexport_volume(ExportWish wish) {
  soap::storage::UnexportVolume::Request request;
  request.volumeId = wish.volume.value;
  request.instanceId = wish.instance.value;
  request.attachmentEpoch = wish.epoch;
  const common::ServiceName to(wish.storage.name);
  const soap::CallOptions options(kTimeout);
  auto asked =
      co_await soap::call<soap::storage::UnexportVolume>(channel_, to, std::move(request), options);
  if (!asked) co_return passing(std::move(asked).assume_error(), wish.storage);
  co_return common::ok();
}

}  // namespace angophora::nc
