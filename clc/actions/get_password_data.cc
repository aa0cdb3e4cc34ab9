// GetPasswordData: the password that a Windows guest made for its administrator, encrypted with the
// instance's key. Such a guest writes it to its console; others have none.
#include "clc/actions/console.h"
#include "clc/actions/instance_selection.h"
#include "clc/store/images.h"

namespace angophora::clc::actions::get_password_data {
namespace {

constexpr std::string_view kBegin = "<Password>";
constexpr std::string_view kEnd = "</Password>";

struct Request {
  InstanceId id;
};

constexpr Param<Request> kParams[] = {required<&Request::id>("InstanceId")};

struct Asked {
  Instance instance;
  bool is_windows = false;
};

Result<Asked> find(Tx& tx, const Caller& caller, const InstanceId& id) {
  TRY(auto instances, named_instances(tx, caller, {id}));
  Asked asked{std::move(instances.front())};
  TRY(const auto image, Images(tx).find(asked.instance.image));
  asked.is_windows = image && image->platform == "windows";
  return asked;
}

// The last one that is there whole.
std::string password_in(std::string_view console) {
  const auto end = console.rfind(kEnd);
  if (end == std::string_view::npos) return {};
  const auto begin = console.substr(0, end).rfind(kBegin);
  if (begin == std::string_view::npos) return {};
  std::string password(console.substr(begin + kBegin.size(), end - begin - kBegin.size()));
  std::erase_if(password, [](char c) { return c == '\r' || c == '\n' || c == ' '; });
  return password;
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto look = [caller, id = request.id](Tx& tx) { return find(tx, caller, id); };
  CO_TRY(auto asked, co_await s.db.read(look));
  Reply reply;
  reply.add("instanceId", request.id);
  if (!asked.is_windows) {
    reply.add("timestamp", asked.instance.launched_at).add("passwordData", "");
    co_return reply;
  }
  CO_TRY(const auto console,
         co_await read_console(s, std::move(asked.instance), caller.request_id));
  reply.add("timestamp", console.at).add("passwordData", password_in(console.bytes));
  co_return reply;
}

}  // namespace

extern const Action GetPasswordData{
    .name = "GetPasswordData",
    .permission = "ec2:GetPasswordData",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::get_password_data
