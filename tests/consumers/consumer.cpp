// consumer.cpp - the same in C++17, with handles that free themselves
#include <mailhealth.h>

#include <iostream>
#include <memory>
#include <string_view>

int
main()
{
	constexpr std::string_view text = "550 5.1.1 <nobody@example.org>: User unknown";
	std::unique_ptr<mh_ctx, decltype(&mh_ctx_free)> ctx(mh_ctx_new(nullptr, nullptr), mh_ctx_free);
	std::unique_ptr<mh_reply, decltype(&mh_reply_free)> reply(mh_reply_new(ctx.get()), mh_reply_free);

	if (!reply || mh_reply_parse(reply.get(), text.data(), text.size()) != MH_OK)
		return 1;
	std::cout << mh_reply_str(reply.get(), MH_REPLY_REASON) << '\n';
	return mh_version_number() == MH_VERSION_NUMBER ? 0 : 1;
}
