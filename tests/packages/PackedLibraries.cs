using System.Globalization;
using System.IO.Compression;
using System.Xml.Linq;
using Broker.Tests.Support;

namespace Broker.Tests.Packages;

/// <summary>The packages, made once of what is built, under a version that no cache has seen.</summary>
public sealed class PackedLibraries : IAsyncLifetime
{
    public static readonly string[] Names = ["Broker.Contracts", "Broker.Client", "Broker.DistributedLock", "Broker.Hosting"];

    private static readonly string[] Projects = ["contracts", "infra/Client", "infra/DistributedLock", "infra/Hosting"];

    private readonly TestFolder _folder = new();

    public string Folder => _folder.Path;

    public string Version { get; } = $"0.1.0-test.{DateTimeOffset.UtcNow.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)}";

    public static string Root { get; } = FindRoot();

    public async ValueTask InitializeAsync()
    {
        foreach (var project in Projects)
            await DotnetAsync("pack", Path.Combine(Root, project), "-c", "Release", "--no-build", $"-p:PackageVersion={Version}", "-o", Folder);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        // What a restore unpacked; the version is never asked for again.
        var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        foreach (var unpacked in Names.Select(name => Path.Combine(cache, name.ToLowerInvariant(), Version)).Where(Directory.Exists))
            Directory.Delete(unpacked, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>A package's entries and its description.</summary>
    public (IReadOnlyList<string> Files, XElement Metadata) Read(string name)
    {
        using var package = ZipFile.OpenRead(Path.Combine(Folder, $"{name}.{Version}.nupkg"));
        using var nuspec = package.GetEntry($"{name}.nuspec")!.Open();
        return ([.. package.Entries.Select(entry => entry.FullName)], XDocument.Load(nuspec).Root!.Elements().First());
    }

    /// <summary>An entry's bytes, a letter each.</summary>
    public string ReadText(string name, string entry)
    {
        using var package = ZipFile.OpenRead(Path.Combine(Folder, $"{name}.{Version}.nupkg"));
        using var reader = new StreamReader(package.GetEntry(entry)!.Open(), System.Text.Encoding.Latin1);
        return reader.ReadToEnd();
    }

    /// <summary>Runs dotnet to its end, which must be good.</summary>
    public static async Task DotnetAsync(params string[] arguments)
    {
        // A build server would stay behind, and hold the pipes that are read here.
        await using var dotnet = RunningProgram.Start("dotnet", [.. arguments, "--nologo", "-p:UseSharedCompilation=false", "-nodeReuse:false"]);
        var end = await dotnet.EndAsync(TimeSpan.FromMinutes(4));
        Assert.True(end.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}:\n{end.Output}\n{end.Error}");
    }

    private static string FindRoot([System.Runtime.CompilerServices.CallerFilePath] string here = "")
    {
        var folder = new DirectoryInfo(Path.GetDirectoryName(here)!);
        while (!File.Exists(Path.Combine(folder.FullName, "Broker.sln")))
            folder = folder.Parent!;
        return folder.FullName;
    }
}
