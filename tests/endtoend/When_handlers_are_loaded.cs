using Broker.Tests.Support;

namespace Broker.Tests.EndToEnd;

public sealed class When_handlers_are_loaded : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_dll_that_is_missing_ends_the_consumer_with_64() =>
        Says(await ConsumeAsync("missing.dll"), "--handlers missing.dll: there is no such file");

    [Fact]
    public async Task A_file_that_is_no_dll_ends_the_consumer_with_64()
    {
        var broken = _folder.Write("broken.dll", [.. Enumerable.Range(0, 2000).Select(n => (byte)(n * 31))]);
        Says(await ConsumeAsync(broken), $"--handlers {broken}: this is not a .NET assembly that can be loaded");
    }

    [Fact]
    public async Task Two_handlers_of_a_kind_end_the_consumer_with_64() =>
        Says(
            await ConsumeAsync(Programs.HandlerDll("Broker.Tests.Twins")),
            "kind 'twin' has two handlers, Broker.Tests.Twins.FirstTwinHandler and Broker.Tests.Twins.SecondTwinHandler");

    [Fact]
    public async Task A_dll_given_twice_has_two_handlers_of_each_kind() =>
        Says(await ConsumeAsync(Programs.HandlerDll(), "--handlers", Programs.HandlerDll()), "has two handlers");

    [Fact]
    public async Task A_dll_without_its_dependency_fails_only_the_jobs_that_need_it()
    {
        var alone = Path.Combine(_folder.Path, "Broker.Tests.Handlers.dll");
        File.Copy(Programs.HandlerDll(), alone);
        // Its types load; only the job that needs the other DLL fails, and says which.
        await using var fleet = ConsumerFleet.Launch(new FleetPlan { BuiltIn = [Own("reversed"), Own("pair")], Suffix = Suffix, More = ["--handlers", alone] });
        await fleet.WaitUntilReadyAsync();
        var broken = await Programs.RunProducerAsync("call", Own("reversed"), "to be");
        Assert.Equal(1, broken.ExitCode);
        Assert.Contains("System.IO.FileNotFoundException: Could not load file or assembly 'Broker.Tests.Phrases", broken.Error, StringComparison.Ordinal);
        Assert.Equal("\"1/2\"\n", (await Programs.RunProducerAsync("call", Own("pair"), "[1,2]")).Output);
        await QueueProbe.DeleteKindsAsync(fleet.Url, [Own("reversed"), Own("pair")]);
    }

    private static string Suffix { get; } = FleetPlan.NewSuffix();

    private static string Own(string kind) => $"{kind}-{Suffix}";

    private static Task<ProgramEnd> ConsumeAsync(params string[] handlers) => Programs.RunWithoutBrokerAsync(Programs.Consumer, ["--handlers", .. handlers]);

    private static void Says(ProgramEnd end, string said)
    {
        Assert.Equal(("", 64), (end.Output, end.ExitCode));
        Assert.StartsWith("consumer: ", end.Error, StringComparison.Ordinal);
        Assert.Contains(said, end.Error, StringComparison.Ordinal);
        Assert.Equal(end.Error.Length - 1, end.Error.IndexOf('\n', StringComparison.Ordinal));
    }
}
