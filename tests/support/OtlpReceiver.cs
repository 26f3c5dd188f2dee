using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Broker.Tests.Support;

/// <summary>Takes OTLP over HTTP as a collector does, and keeps the bytes. Names stand in them as plain text.</summary>
public sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly ConcurrentQueue<(string Path, string Body)> _requests = new();

    private OtlpReceiver(WebApplication server, int port)
    {
        _server = server;
        Url = $"http://127.0.0.1:{port}";
    }

    public string Url { get; }

    /// <summary>What makes a program send to this.</summary>
    public Dictionary<string, string?> Environment => new() { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Url, ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf" };

    public static async Task<OtlpReceiver> StartAsync()
    {
        var port = FreePort.Next();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(server => server.ListenLocalhost(port));
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var receiver = new OtlpReceiver(app, port);
        app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            receiver._requests.Enqueue((context.Request.Path, Encoding.Latin1.GetString(body.ToArray())));
        });
        await app.StartAsync();
        return receiver;
    }

    /// <summary>What came to a path from the service of that name.</summary>
    public IReadOnlyList<string> From(string path, string service) =>
        [.. _requests.Where(request => request.Path == path && request.Body.Contains(service, StringComparison.Ordinal)).Select(request => request.Body)];

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();
}
