using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Broker.Tests.Support;

/// <summary>
/// Accepts bulk requests as Elasticsearch does, stores the documents, and can be made to fail as a real server does. The
/// statuses and error types are those observed with 8.19.
/// </summary>
public sealed class FakeElasticsearch : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly Lock _lock = new();
    private readonly List<BulkSeen> _requests = [];
    private readonly ConcurrentDictionary<string, JsonElement> _templates = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private FakeElasticsearch(WebApplication server, int port)
    {
        _server = server;
        Port = port;
    }

    public int Port { get; }

    public string Url => $"http://127.0.0.1:{Port}";

    /// <summary>What was created, by index and id.</summary>
    public ConcurrentDictionary<(string Index, string Id), JsonElement> Documents { get; } = new();

    /// <summary>Every bulk request received, in order.</summary>
    public IReadOnlyList<BulkSeen> Requests
    {
        get
        {
            lock (_lock)
                return [.. _requests];
        }
    }

    public IReadOnlyDictionary<string, JsonElement> Templates => _templates;

    /// <summary>Puts a template as another client would.</summary>
    public void Put(string name, string template) => _templates[name] = JsonDocument.Parse(template).RootElement.Clone();

    /// <summary>Answers a whole request, before anything is stored; null lets it through. The argument is the request's number, from 1.</summary>
    public Func<int, HttpContext, (HttpStatusCode Status, string Body)?> Refuse { get; set; } = (_, _) => null;

    /// <summary>Answers one item instead of storing it; null lets it through.</summary>
    public Func<JsonElement, (int Status, string Type, string Reason)?> RefuseItem { get; set; } = _ => null;

    /// <summary>Called after a request's items are stored and before it is answered.</summary>
    public Func<int, CancellationToken, Task> BeforeAnswer { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>Answers a template's PUT; null accepts it.</summary>
    public Func<JsonElement, HttpStatusCode?> RefuseTemplate { get; set; } = _ => null;

    /// <param name="port">0 for any free port.</param>
    public static async Task<FakeElasticsearch> StartAsync(int port = 0)
    {
        if (port == 0)
            port = FreePort.Next();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, endpoint => endpoint.Protocols = HttpProtocols.Http1));
        var server = builder.Build();
        var fake = new FakeElasticsearch(server, port);
        server.Run(fake.AnswerAsync);
        await server.StartAsync();
        return fake;
    }

    /// <summary>Waits until <paramref name="holds"/> is true, checked whenever a request was received or answered.</summary>
    /// <exception cref="TimeoutException">It was not within 30 s.</exception>
    public async Task UntilAsync(Func<FakeElasticsearch, bool> holds)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            Task changed;
            lock (_lock)
                changed = _changed.Task;
            if (holds(this))
                return;
            try
            {
                await changed.WaitAsync(timeout.Token);
            }
            catch (OperationCanceledException e)
            {
                throw new TimeoutException($"not within 30 s; {Documents.Count} documents, {Requests.Count} requests so far", e);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _server.StopAsync(now.Token);
        await _server.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        try
        {
            if (context.Request.Path.StartsWithSegments("/_index_template", out var name))
                await AnswerTemplateAsync(context, name.Value!.Trim('/'));
            else if (context.Request.Path == "/_bulk")
                await AnswerBulkAsync(context);
            else
                context.Response.StatusCode = 404;
        }
        finally
        {
            Changed();
        }
    }

    private void Changed()
    {
        lock (_lock)
        {
            _changed.TrySetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private async Task AnswerTemplateAsync(HttpContext context, string name)
    {
        if (HttpMethods.IsGet(context.Request.Method))
        {
            if (_templates.TryGetValue(name, out var kept))
                await context.Response.WriteAsJsonAsync(new { index_templates = new[] { new { name, index_template = kept } } });
            else
                context.Response.StatusCode = 404;
            return;
        }

        using var template = await JsonDocument.ParseAsync(context.Request.Body);
        if (RefuseTemplate(template.RootElement) is { } refused)
            context.Response.StatusCode = (int)refused;
        else
            _templates[name] = template.RootElement.Clone();
    }

    private async Task AnswerBulkAsync(HttpContext context)
    {
        var body = new MemoryStream();
        var gzip = context.Request.Headers.ContentEncoding == "gzip";
        await (gzip ? new GZipStream(context.Request.Body, CompressionMode.Decompress) : context.Request.Body).CopyToAsync(body);
        var lines = Encoding.UTF8.GetString(body.GetBuffer(), 0, (int)body.Length).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        int number;
        lock (_lock)
        {
            number = _requests.Count + 1;
            _requests.Add(new BulkSeen(lines.Length / 2, body.Length, gzip, context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
        }

        if (Refuse(number, context) is { } refused)
        {
            context.Response.StatusCode = (int)refused.Status;
            await context.Response.WriteAsync(refused.Body);
            return;
        }

        var items = lines.Chunk(2).Select(pair => Store(JsonDocument.Parse(pair[0]).RootElement, JsonDocument.Parse(pair[1]).RootElement)).ToList();
        Changed();
        await BeforeAnswer(number, context.RequestAborted);
        await context.Response.WriteAsJsonAsync(new { errors = items.Exists(item => item.Status >= 300), items = items.Select(Answer) });
    }

    private (int Status, string Type, string Reason) Store(JsonElement action, JsonElement document)
    {
        if (RefuseItem(document) is { } refused)
            return refused;
        var create = action.GetProperty("create");
        var key = (create.GetProperty("_index").GetString()!, create.GetProperty("_id").GetString()!);
        return Documents.TryAdd(key, document) ? (201, "", "") : (409, "version_conflict_engine_exception", "document already exists");
    }

    private static object Answer((int Status, string Type, string Reason) item) => item.Status < 300
        ? new { create = new { status = item.Status } }
        : new { create = new { status = item.Status, error = new { type = item.Type, reason = item.Reason } } };
}

/// <param name="Items">Number of events.</param>
/// <param name="Bytes">Its size before compression.</param>
/// <param name="Gzip">Whether it was compressed.</param>
/// <param name="Headers">All headers.</param>
public sealed record BulkSeen(int Items, long Bytes, bool Gzip, IReadOnlyDictionary<string, string> Headers);
