// What a guest may ask the metadata service: method, path, up to two header lines. No answer but
// from the tree, and no failure of the service's own.
#include "common/base/text.h"
#include "common/runtime/sim_runtime.h"
#include "nc/metadata/service.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace angophora;

struct OneGuest final : nc::MetadataSource {
  std::optional<nc::InstanceSpec> by_address(std::string_view) const override {
    nc::InstanceSpec spec;
    spec.id = common::InstanceId("i-0123456789abcdef0");
    spec.user_data = "#!/bin/sh\n";
    return spec;
  }
  std::string region() const override { return "south"; }
};

struct NoBody final : http::BodyReader {
  std::optional<std::uint64_t> length() const override { return 0; }
  common::Task<std::size_t> read(std::span<char>) override { co_return std::size_t{0}; }
};

common::awaitable<void> ask(nc::MetadataService& service, http::Request& request, int& status) {
  const auto response = co_await service.handle(request);
  status = response.status;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static common::SimWorld world;
  static common::SimRuntime runtime(world, "node");
  static const OneGuest source;
  nc::MetadataOptions options;
  options.token_key = "key";
  nc::MetadataService service(runtime, source, options);
  NoBody body;
  http::Request request;
  request.body = &body;
  request.peer.address = "10.0.0.1";
  const auto lines =
      common::split(std::string_view(reinterpret_cast<const char*>(data), size), '\n');
  request.method = lines[0];
  request.target = "/" + std::string(lines.size() > 1 ? lines[1] : "");
  for (std::size_t i = 2; i < std::min<std::size_t>(lines.size(), 4); ++i) {
    const auto colon = lines[i].find(':');
    if (colon != std::string_view::npos)
      request.headers.add(std::string(lines[i].substr(0, colon)),
                          std::string(common::trim(lines[i].substr(colon + 1))));
  }
  int status = 0;
  runtime.spawn("ask", ask(service, request, status));
  world.run_for(std::chrono::milliseconds(1));
  fuzz::require(status >= 200 && status < 500);
  return 0;
}
