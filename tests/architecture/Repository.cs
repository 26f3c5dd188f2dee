namespace Broker.Tests.Architecture;

/// <summary>The source tree that these tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>The C# files that are shipped.</summary>
    public static IReadOnlyList<string> Product { get; } = [.. new[] { "contracts", "infra", "producer", "consumer" }.SelectMany(SourcesOf)];

    /// <summary>The C# files of the tests.</summary>
    public static IReadOnlyList<string> Tests { get; } = [.. SourcesOf("tests")];

    /// <summary>The C# files of a folder, without what a build leaves there.</summary>
    private static IEnumerable<string> SourcesOf(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/'))
            .Where(file => !file.Split('/').Any(part => part is "bin" or "obj"));

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    private static string Find([System.Runtime.CompilerServices.CallerFilePath] string here = "")
    {
        for (var folder = new DirectoryInfo(Path.GetDirectoryName(here)!); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Broker.sln")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException($"no Broker.sln above {here}");
    }
}
