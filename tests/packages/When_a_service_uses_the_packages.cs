using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Broker.Tests.Support;

namespace Broker.Tests.Packages;

/// <summary>A new web program, outside of the solution, that calls jobs and runs them.</summary>
public sealed class When_a_service_uses_the_packages(PackedLibraries packages) : IClassFixture<PackedLibraries>, IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(60) };

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task It_works_before_with_and_after_a_broker_and_is_seen_in_traces_and_metrics()
    {
        PrivateBroker.Require();
        await BuildAsync();
        Assert.DoesNotContain(Libraries(), library => library.StartsWith("Serilog", StringComparison.Ordinal) || library.StartsWith("System.CommandLine", StringComparison.Ordinal));
        await using var broker = await PrivateBroker.StartAsync();
        await broker.StopAsync();
        var address = $"http://127.0.0.1:{FreePort.Next()}";
        await using var service = RunningProgram.Start(
            "dotnet", [Path.Combine(_folder.Path, "bin", "Release", "net10.0", "Service.dll")], new Dictionary<string, string?> { ["ASPNETCORE_URLS"] = address, ["BROKER_URL"] = broker.Url });
        await service.WaitForOutputAsync(text => text.Contains("Now listening on", StringComparison.Ordinal), "the service listens without a broker");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync($"{address}/ready"));

        var early = _client.GetStringAsync(new Uri($"{address}/triple?count=3"));
        await broker.StartAgainAsync();
        Assert.Equal("[0,3,6]", await early);
        await broker.KillAsync();
        var between = _client.GetStringAsync(new Uri($"{address}/triple?count=2"));
        await broker.StartAgainAsync();
        Assert.Equal("[0,3]", await between);
        await service.WaitForOutputAsync(text => text.Contains("step 1 of job", StringComparison.Ordinal), "what the handler logs");
        Assert.Equal(HttpStatusCode.OK, await StatusAsync($"{address}/ready"));

        var spans = JsonSerializer.Deserialize<string[]>(await _client.GetStringAsync(new Uri($"{address}/spans")))!;
        var request = spans.First(span => span.Contains("Server GET /triple", StringComparison.Ordinal)).Split(' ')[0];
        Assert.Contains(spans, span => span.StartsWith($"{request} Consumer process", StringComparison.Ordinal));
        var metrics = await _client.GetStringAsync(new Uri($"{address}/metrics"));
        Assert.Contains("messaging_process_duration", metrics, StringComparison.Ordinal);
        service.Signal("TERM");
        Assert.Equal(0, (await service.EndAsync()).ExitCode);
    }

    private async Task BuildAsync()
    {
        var sources = Path.Combine(AppContext.BaseDirectory, "service");
        File.Copy(Path.Combine(sources, "Program.cs"), Path.Combine(_folder.Path, "Program.cs"));
        var project = await File.ReadAllTextAsync(Path.Combine(sources, "Service.csproj.template"));
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "Service.csproj"), project.Replace("FOLDER", packages.Folder, StringComparison.Ordinal).Replace("VERSION", packages.Version, StringComparison.Ordinal));
        await PackedLibraries.DotnetAsync("build", _folder.Path, "-c", "Release");
    }

    private List<string> Libraries()
    {
        var libraries = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder.Path, "obj", "project.assets.json")))!["libraries"]!.AsObject().Select(library => library.Key).ToList();
        Assert.Contains($"Broker.Client/{packages.Version}", libraries);
        return libraries;
    }

    private async Task<HttpStatusCode> StatusAsync(string address)
    {
        using var answer = await _client.GetAsync(new Uri(address));
        return answer.StatusCode;
    }
}
