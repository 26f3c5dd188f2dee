namespace Broker.Tests.Architecture;

public sealed class When_the_top_level_is_listed
{
    private static readonly string[] Folders = ["consumer", "contracts", "infra", "producer", "tests"];

    private static readonly string[] Builds = ["TestResults", "logs", "artifacts"];

    [Fact]
    public void It_holds_the_five_folders_and_beside_them_only_files_and_folders_with_a_dot()
    {
        var folders = Directory.GetDirectories(Repository.Root).Select(Path.GetFileName).Where(name => !name!.StartsWith('.') && !Builds.Contains(name)).Order();
        Assert.Equal(Folders, folders);
    }

    [Fact]
    public void What_a_reader_looks_for_first_is_there()
    {
        foreach (var file in new[] { "Broker.sln", "docker-compose.yml", "LICENSE", "Directory.Build.props", "Directory.Packages.props", "global.json", "broker", "README.md" })
            Assert.True(File.Exists(Path.Combine(Repository.Root, file)), file);
    }

    [Fact]
    public void A_projects_root_folder_holds_its_entry_points_only()
    {
        Assert.Empty(Directory.GetFiles(Path.Combine(Repository.Root, "contracts"), "*.cs"));
        Assert.Empty(Directory.GetFiles(Path.Combine(Repository.Root, "infra"), "*.cs"));
        Assert.Equal(["Program.cs"], Directory.GetFiles(Path.Combine(Repository.Root, "producer"), "*.cs").Select(Path.GetFileName));
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = Repository.Read("Broker.sln").Replace('\\', '/');
        var projects = Directory.GetFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'))
            .Where(file => !file.Split('/').Any(part => part is "bin" or "obj" || part.StartsWith('.'))).ToList();
        Assert.NotEmpty(projects);
        Assert.All(projects, project => Assert.Contains($"\"{project}\"", solution, StringComparison.Ordinal));
    }
}
