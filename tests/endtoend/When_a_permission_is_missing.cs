using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

[Collection(OwnBroker.Name)]
public sealed class When_a_permission_is_missing(OwnBroker broker)
{
    private readonly PrivateBroker _broker = broker.Require();

    [Fact]
    public async Task Both_programs_end_with_69_and_name_it()
    {
        var user = $"u{FleetPlan.NewSuffix()}";
        await _broker.ControlAsync("add_user", user, "secret-word");
        await _broker.ControlAsync("set_permissions", user, "^$", "^$", "^$");
        var url = new UriBuilder(_broker.Url) { UserName = user, Password = "secret-word" }.Uri.AbsoluteUri;
        await Task.WhenAll(
            EndsWith69Async(Programs.Producer, "call", "double", "1"),
            EndsWith69Async(Programs.Producer, "publish", "double", "1"),
            EndsWith69Async(Programs.Consumer, "--kinds", "double"),
            EndsWith69Async(Programs.Consumer, "--kinds", "double", "-p", "1"));

        async Task EndsWith69Async(string program, params string[] arguments)
        {
            var environment = new Dictionary<string, string?> { ["BROKER_URL"] = url, ["BROKER_URL_FILE"] = null, ["BROKER__LOGGING__DIRECTORY"] = "none" };
            await using var running = RunningProgram.Start(program, arguments, environment);
            var end = await running.EndAsync(TimeSpan.FromSeconds(30));
            Assert.True(end.ExitCode == 69, $"{Path.GetFileName(program)} {string.Join(' ', arguments)}: {end}");
            Assert.Contains($"rabbitmqctl set_permissions -p / {user} ", end.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("secret-word", end.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Without_those_for_the_list_of_kinds_and_for_suspects_all_works_but_the_list_and_a_purge()
    {
        var (user, kind) = ($"u{FleetPlan.NewSuffix()}", $"unlisted-{FleetPlan.NewSuffix()}");
        await _broker.ControlAsync("add_user", user, "secret-word");
        await _broker.ControlAsync("set_permissions", user, "^broker\\.(jobs|dead|control|results)", "^broker\\.", "^broker\\.(jobs|dead|control|results)");
        var url = new UriBuilder(_broker.Url) { UserName = user, Password = "secret-word" }.Uri.AbsoluteUri;
        Assert.Equal(0, (await RunAsync("publish", kind, "1")).ExitCode);
        var all = await RunAsync("status");
        Assert.Equal(0, all.ExitCode);
        Assert.DoesNotContain(kind, all.Output, StringComparison.Ordinal);
        Assert.Matches($@"(?m)^{kind} +1 ", (await RunAsync("status", kind)).Output);
        var purge = await RunAsync("purge", kind, "--yes");
        Assert.Equal(69, purge.ExitCode);
        Assert.Contains($"rabbitmqctl set_permissions -p / {user} ", purge.Error, StringComparison.Ordinal);
        Assert.Matches($@"(?m)^{kind} +1 ", (await RunAsync("status", kind)).Output);
        await QueueProbe.DeleteKindsAsync(_broker.Url, [kind]);
        await _broker.ControlAsync("delete_user", user);

        async Task<ProgramEnd> RunAsync(params string[] arguments)
        {
            await using var producer = Programs.StartProducer(arguments, url);
            return await producer.EndAsync();
        }
    }
}
