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
    public async Task A_file_that_is_not_a_DLL_ends_the_consumer_with_64()
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
    public async Task A_dll_without_its_dependency_ends_the_consumer_with_64()
    {
        var alone = Copy(Programs.HandlerDll());
        Says(await ConsumeAsync(alone), $"--handlers {alone}: Broker.Tests.Handlers.dll needs Broker.Tests.Phrases 0.1.0.0, which is not there: publish the DLL");
    }

    [Fact]
    public async Task A_dll_whose_listed_dependency_was_deleted_ends_the_consumer_with_64()
    {
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(Programs.HandlerDll("Broker.Tests.Csv33"))!).Where(file => Path.GetFileName(file) != "CsvHelper.dll"))
            Copy(file);
        var broken = Path.Combine(_folder.Path, "Broker.Tests.Csv33.dll");
        Says(await ConsumeAsync(broken), $"--handlers {broken}: Broker.Tests.Csv33.dll needs CsvHelper 33.0.0.0, which is not there: publish the DLL");
    }

    [Fact]
    public async Task Args_shaped_by_another_System_Text_Json_end_the_consumer_with_64() =>
        Says(await ConsumeAsync(Programs.HandlerDll("Broker.Tests.JsonShape")), "Broker.Tests.JsonShape.Shaped has JsonPropertyNameAttribute at ShapedPart.Text");

    [Fact]
    public async Task A_dependency_incompatible_with_the_framework_ends_the_consumer_with_64() =>
        Says(await ConsumeAsync(Programs.HandlerDll("Broker.Tests.Extensions")), "Microsoft.Extensions.Diagnostics.dll does not fit the .NET");

    [Fact]
    public async Task A_module_registers_services_that_live_as_long_as_their_job_and_may_read_settings()
    {
        await using var fleet = await ConsumerFleet.StartAsync(new FleetPlan { Kinds = ["greet"], Environment = new Dictionary<string, string?> { ["GREETING"] = "welcome" } });
        var first = await Programs.RunProducerAsync("map", fleet.Kind("greet"), "ann", "bob", "--chunk", "2");
        // One greeter was made at the start, to see that it can be made.
        Assert.Equal(["\"welcome ann, number 1, 1 disposed\"", "\"welcome bob, number 2, 1 disposed\""], first.OutputLines);
        var second = await Programs.RunProducerAsync("call", fleet.Kind("greet"), "cyd");
        Assert.Equal(["\"welcome cyd, number 1, 2 disposed\""], second.OutputLines);
    }

    [Fact]
    public async Task Each_dll_has_its_own_versions_of_what_it_brings()
    {
        string[] kinds = [Own("written"), Own("bused"), Own("inner"), Own("csv32"), Own("csv33")];
        // One of them is copied without its deps.json: nothing lists its versions.
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(Programs.HandlerDll("Broker.Tests.Csv32"))!, "*.dll"))
            Copy(file);
        string[] dlls =
        [
            Programs.HandlerDll("Broker.Tests.Serilog"), Programs.HandlerDll("Broker.Tests.MassTransit"), Programs.HandlerDll("Broker.Tests.Json"),
            Programs.HandlerDll("Broker.Tests.Csv33"), Path.Combine(_folder.Path, "Broker.Tests.Csv32.dll"),
        ];
        await using var fleet = ConsumerFleet.Launch(new FleetPlan { BuiltIn = kinds, Suffix = Suffix, More = [.. dlls.SelectMany(dll => new[] { "--handlers", dll })] });
        await fleet.WaitUntilReadyAsync();
        Assert.Equal("\"wrote to be 4.3.0.0\"\n", await CallAsync("written", "\"to be\""));
        Assert.Equal("\"to be 8.5.11.0\"\n", await CallAsync("bused", "\"to be\""));
        Assert.Equal("""{"json":"{\"renamed\":\"to be\"}","version":"11.0.0.0"}""" + "\n", await CallAsync("inner", "\"to be\""));
        Assert.Equal("\"a|b,c 32.0.0.0\"\n", await CallAsync("csv32", """ "a,\"b,c\"" """));
        Assert.Equal("\"a|b,c 33.0.0.0\"\n", await CallAsync("csv33", """ "a,\"b,c\"" """));
        await QueueProbe.DeleteKindsAsync(fleet.Url, kinds);
    }

    private static string Suffix { get; } = FleetPlan.NewSuffix();

    private static string Own(string kind) => $"{kind}-{Suffix}";

    private static async Task<string> CallAsync(string kind, string item)
    {
        var end = await Programs.RunProducerAsync("call", Own(kind), item);
        Assert.Equal((0, ""), (end.ExitCode, end.Error));
        return end.Output;
    }

    private string Copy(string file)
    {
        var copy = Path.Combine(_folder.Path, Path.GetFileName(file));
        File.Copy(file, copy);
        return copy;
    }

    private static Task<ProgramEnd> ConsumeAsync(params string[] handlers) => Programs.RunWithoutBrokerAsync(Programs.Consumer, ["--handlers", .. handlers]);

    private static void Says(ProgramEnd end, string said)
    {
        Assert.Equal(("", 64), (end.Output, end.ExitCode));
        Assert.StartsWith("consumer: ", end.Error, StringComparison.Ordinal);
        Assert.Contains(said, end.Error, StringComparison.Ordinal);
        Assert.Equal(end.Error.Length - 1, end.Error.IndexOf('\n', StringComparison.Ordinal));
    }
}
